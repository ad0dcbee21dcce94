import type { ShownStatus } from '../../core/experiment.ts';
import type { ExperimentSummary, RegistrySummary, UnreadableExperiment } from '../../registry/index.ts';

export const STATUSES = ['running', 'finished', 'failed', 'interrupted', 'crashed', 'unreadable'] as const;

export type ListedStatus = ShownStatus | 'unreadable';

export type Entry = ExperimentSummary | UnreadableExperiment;

export const isReadable = (entry: Entry): entry is ExperimentSummary => !('problem' in entry);

export const statusOf = (entry: Entry): ListedStatus => (isReadable(entry) ? entry.status : 'unreadable');

export const numberOf = ({ id }: Entry): number => Number(id.slice('exp-'.length));

/** All entries by number, smallest first. */
export function entriesOf({ experiments, unreadable }: RegistrySummary): Entry[] {
  if (unreadable.length === 0) return [...experiments];
  return [...experiments, ...unreadable].sort((a, b) => numberOf(a) - numberOf(b));
}

/** Duration in milliseconds: so far for a running experiment; undefined where its end is unknown. */
export function durationOf(
  { status, createdAt, ms }: Pick<ExperimentSummary, 'status' | 'createdAt' | 'ms'>,
  now = Date.now(),
): number | undefined {
  if (status === 'running') return Math.max(0, now - Date.parse(createdAt));
  return ms ?? undefined;
}
