/** `pipe verify`: compares all records with the files on disk. Reads take no lock; nothing is written. */
import { StageCache } from '../cache/cache.ts';
import type { Registry } from '../registry/index.ts';
import { verifyEntry } from './cache.ts';
import { verifyExperiment } from './experiment.ts';
import type { FileChecker } from './file-checker.ts';
import type { Report } from './report.ts';
import { verifyTags } from './tags.ts';

/** Checks some experiments; without `ids` all of them, then the cache and the tags. Things removed meanwhile are left out. */
export async function* verify(
  registry: Registry,
  ids: readonly string[] | undefined,
  checker: FileChecker,
): AsyncGenerator<Report> {
  for (const id of ids ?? registry.ids()) {
    const report = await verifyExperiment(registry, id, checker);
    if (report !== undefined) yield report;
  }
  if (ids !== undefined) return;
  for (const fingerprint of new StageCache(registry.dir).fingerprints().sort()) {
    const report = await verifyEntry(registry.dir, fingerprint, checker);
    if (report !== undefined) yield report;
  }
  yield* verifyTags(registry);
}
