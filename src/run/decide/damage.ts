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

/** Damaged files by stage id, absolute. */
export type Damage = ReadonlyMap<string, string>;

/**
 * Finds damaged files of every stage of an experiment. All points of metrics have one hash: damage to them counts for each stage
 * that has some.
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

/** Reads the files of a stage, wherever they are; returns the first damaged one, absolute. */
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

/** Recorded files; undefined where stage.json is of an earlier attempt than a killed one. */
async function ownFiles(
  experiment: Stored,
  id: string,
  registry: Registry,
): Promise<readonly FileRecord[] | undefined> {
  const { files, startedAt } = await registry.results(experiment.record.id, id);
  return startedAt === stageRecord(experiment, id)?.startedAt ? files : undefined;
}

/** The file of points, absolute, if it differs from its record at the experiment's end. */
export async function changedPoints(
  { dir, record }: Stored,
  hashes: FileHashes,
): Promise<string | undefined> {
  const { metricsFile } = record;
  if (metricsFile === undefined) return undefined;
  const changed = await changedContent(dir, [{ path: METRICS, ...metricsFile }], hashes);
  return changed === undefined ? undefined : metricsPath(dir);
}

/** The warning about an unusable result in the cache. */
export function damageWords({ damaged }: CacheDamage, stage: string, cwd: string): string {
  const file = printable(relative(cwd, damaged));
  return `${file} is not what ${stage} wrote: its hash differs, or it is gone; ${stage} runs again`;
}
