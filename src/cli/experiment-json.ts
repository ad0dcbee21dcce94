import { jsonText } from '../core/json-text.ts';
import type { Registry, StoredExperiment } from '../registry/index.ts';

/** The stored record with folder, shown status and tags. */
export function experimentJson(
  { tags }: Registry,
  { id, record, status, dir: folder, mended }: StoredExperiment,
  more: object = {},
): string {
  const named = tags.all().byId.get(id) ?? [];
  return jsonText({ ...record, status, dir: folder, tags: named, ...(mended && { mended }), ...more });
}

/** The experiment of a run: its own, or the equal one where nothing changed. */
export async function runJson(registry: Registry, id: string, unchanged: boolean): Promise<string> {
  return experimentJson(registry, await registry.read(id), { unchanged });
}
