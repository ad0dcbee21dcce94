import { jsonText } from '../core/json-text.ts';
import type { Registry, StoredExperiment } from '../registry/index.ts';

/** The record as it is on disk, with the folder, the status that people see, and the tags. */
export async function experimentJson(
  { dir }: Pick<Registry, 'dir'>,
  { id, record, status, dir: folder, mended }: StoredExperiment,
  more: object = {},
): Promise<string> {
  const { readTags, tagsById } = await import('../registry/internal/tags.ts');
  const tags = tagsById(readTags(dir)).get(id) ?? [];
  return jsonText({ ...record, status, dir: folder, tags, ...(mended && { mended }), ...more });
}

/** The experiment of a run: its own, or where nothing changed the one that it equals. */
export async function runJson(registry: Registry, id: string, unchanged: boolean): Promise<string> {
  return experimentJson(registry, await registry.read(id), { unchanged });
}
