import { isDeepStrictEqual } from 'node:util';
import type { CacheEntry } from '../../cache/entry.ts';
import type { ExperimentRecord } from '../../core/experiment.ts';
import type { PlannedStage } from '../../plan/plan.ts';
import type { StageFingerprint } from '../fingerprint/fingerprints.ts';
import { parameterDifferences } from '../fingerprint/parameters.ts';

/** Most differences to list. */
const NAMED = 3;

export interface LastRun {
  readonly record: ExperimentRecord;
  /** The cache entry of the stage's fingerprint at that time; undefined where it is gone. */
  readonly entry: CacheEntry | undefined;
}

/**
 * Why a stage runs, compared with the experiment in which it last completed, as a clause that follows “will run, ”.
 * @param otherwise The reason where nothing of its own differs.
 */
export function whyItRuns(
  planned: PlannedStage,
  { parts, fingerprint }: StageFingerprint,
  seed: number,
  earlier: LastRun | undefined,
  otherwise?: string,
): string {
  if (earlier === undefined) return otherwise ?? 'nothing like it has run before';
  const { record, entry } = earlier;
  const then = record.stages.find(({ id }) => id === planned.id);
  const differences = parameterDifferences(planned, record).map(
    ({ name, then, now }) => `${name} ${shown(then)} → ${shown(now)}`,
  );
  if (record.seed !== seed) differences.push(`seed ${record.seed} → ${seed}`);
  if (then !== undefined && then.version !== parts.version)
    differences.push(`its version ${then.version} → ${parts.version}`);
  if (entry !== undefined) differences.push(...recordedDifferences(parts, entry, otherwise === undefined));
  if (differences.length > NAMED)
    differences.splice(NAMED, Infinity, `${differences.length - NAMED} more changes`);
  if (differences.length > 0) return differences.join(', ');
  if (otherwise !== undefined) return otherwise;
  return then?.fingerprint === fingerprint || entry === undefined
    ? 'its result is not in the cache'
    : 'it differs from the last time';
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? '–';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
};

function recordedDifferences(
  now: StageFingerprint['parts'],
  { parts: then }: CacheEntry,
  withSources: boolean,
): string[] {
  const differences: string[] = [];
  if (now.code !== then.code) differences.push('its code changed');
  if (!isDeepStrictEqual(now.content, then.content)) differences.push('its data changed');
  for (const [reference, hash] of Object.entries(now.secrets ?? {}))
    if (then.secrets?.[reference] !== hash) differences.push(`${reference} changed`);
  for (const name of Object.keys({ ...then.packages, ...now.packages }))
    if (now.packages[name] !== then.packages[name])
      differences.push(`${name} ${then.packages[name] ?? '–'} → ${now.packages[name] ?? '–'}`);
  for (const name of Object.keys({ ...then.inputs, ...now.inputs })) {
    const [before, after] = [then.inputs[name]?.from, now.inputs[name]?.from];
    if (before !== after) differences.push(`its input ${name} comes from ${before ?? '–'} → ${after ?? '–'}`);
    else if (withSources && then.inputs[name]?.fingerprint !== now.inputs[name]?.fingerprint)
      differences.push(`its input from ${after?.split('.')[0] ?? '–'} changes`);
  }
  return differences;
}
