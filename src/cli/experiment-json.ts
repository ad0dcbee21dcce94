import { jsonText } from '../core/json-text.ts';
import type { Registry, StoredExperiment } from '../registry/index.ts';

/** The record as it is on disk, with the folder, the status that people see, and the tags. */
export function experimentJson(
  { tags }: Registry,
  { id, record, status, dir: folder, mended }: StoredExperiment,
  more: object = {},
): string {
  const named = tags.all().byId.get(id) ?? [];
  return jsonText({ ...record, status, dir: folder, tags: named, ...(mended && { mended }), ...more });
}

/** The experiment of a run: its own, or where nothing changed the one that it equals. */
export async function runJson(registry: Registry, id: string, unchanged: boolean): Promise<string> {
  return experimentJson(registry, await registry.read(id), { unchanged });
}
