/** Integrity check of an experiment before its outputs are reused. */
import { join, relative } from 'node:path';
import type { Damage as CacheDamage } from '../../cache/cache.ts';
import { changedContent } from '../../cache/tree.ts';
import type { FileRecord } from '../../core/experiment.ts';
import { printable } from '../../core/printable.ts';
import { FileHashes } from '../../storage/file-hashes.ts';
import {
  experimentOf,
  METRICS,
  metricsPath,
  type Registry,
  type StageOutputs,
  type StoredExperiment,
} from '../../registry/index.ts';
import { stageRecord } from '../stage-record.ts';

type Stored = Pick<StoredExperiment, 'dir' | 'record'>;

/** By stage id a file, absolute, that is not what was recorded of it. */
export type Damage = ReadonlyMap<string, string>;

/**
 * Looks for damage in what every stage of an experiment gave or left. The points of metrics have one hash: that they are
 * others counts for each stage that has some.
 */
export async function damageOf(
  experiment: Stored,
  outputs: ReadonlyMap<string, StageOutputs>,
  registry: Registry,
): Promise<Damage> {
  const hashes = new FileHashes();
  const points = await changedPoints(experiment, hashes);
  const damage = new Map<string, string>();
  const measured = new Set(Object.values(experiment.record.metrics).map(({ stage }) => stage));
  for (const { id } of experiment.record.stages) {
    const changed = await changedOutput(experiment, id, outputs.get(id) ?? {}, registry, hashes);
    const file = changed ?? (measured.has(id) ? points : undefined);
    if (file !== undefined) damage.set(id, file);
  }
  return damage;
}

/**
 * Reads what a stage gave or left, wherever that lies; returns the first file, absolute, that is not what was recorded of it.
 */
export async function changedOutput(
  experiment: Stored,
  id: string,
  outputs: StageOutputs,
  registry: Registry,
  hashes: FileHashes,
): Promise<string | undefined> {
  const others = Object.values(outputs).flatMap(({ dir }) => experimentOf(registry.dir, dir) ?? []);
  const elsewhere = [...new Set(others)].filter(other => other !== experiment.record.id);
  for (const each of [experiment.record.id, ...elsewhere]) {
    const folder = join(registry.dir, each);
    const isOwn = each === experiment.record.id;
    const files = isOwn ? await ownFiles(experiment, id, registry) : (await registry.results(each, id)).files;
    const changed = await changedContent(folder, files ?? [], hashes);
    if (changed !== undefined) return join(folder, changed);
  }
  return undefined;
}

/** Unknown where stage.json tells of an earlier try, which a killed one has gone on from. */
async function ownFiles(
  experiment: Stored,
  id: string,
  registry: Registry,
): Promise<readonly FileRecord[] | undefined> {
  const { files, startedAt } = await registry.results(experiment.record.id, id);
  return startedAt === stageRecord(experiment, id)?.startedAt ? files : undefined;
}

/** The file of points, absolute, where it is not what was recorded when the experiment ended. */
export async function changedPoints(
  { dir, record }: Stored,
  hashes: FileHashes,
): Promise<string | undefined> {
  const { metricsFile } = record;
  if (metricsFile === undefined) return undefined;
  const changed = await changedContent(dir, [{ path: METRICS, ...metricsFile }], hashes);
  return changed === undefined ? undefined : metricsPath(dir);
}

/** The warning about a result in the cache that cannot be used. */
export function damageWords({ damaged }: CacheDamage, stage: string, cwd: string): string {
  const file = printable(relative(cwd, damaged));
  return `${file} is not what ${stage} wrote: its hash differs, or it is gone; ${stage} runs again`;
}
