import type { ExperimentRecord, ShownStatus } from '../../core/experiment.ts';
import type { RegistryListing, StoredExperiment, UnreadableExperiment } from '../../registry/types.ts';

export const STATUSES = ['running', 'finished', 'failed', 'interrupted', 'crashed', 'unreadable'] as const;

export type ListedStatus = ShownStatus | 'unreadable';

export type Entry = StoredExperiment | UnreadableExperiment;

export const isReadable = (entry: Entry): entry is StoredExperiment => 'record' in entry;

export const statusOf = (entry: Entry): ListedStatus => (isReadable(entry) ? entry.status : 'unreadable');

/** By number, smallest first. */
export function entriesOf({ experiments, unreadable }: RegistryListing): Entry[] {
  const number = ({ id }: Entry) => Number(id.slice('exp-'.length));
  return [...experiments, ...unreadable].sort((a, b) => number(a) - number(b));
}

/** Milliseconds: of a running experiment, those so far; undefined where its end is unknown. */
export function durationOf({ record, status }: StoredExperiment, now = Date.now()): number | undefined {
  if (status === 'running') return Math.max(0, now - Date.parse(record.createdAt));
  return record.ms ?? undefined;
}

/** The stage at which an experiment is or stopped: the first that neither ran nor was left out. */
export function stageReached(record: ExperimentRecord): ExperimentRecord['stages'][number] | undefined {
  return record.stages.find(({ status }) => ['running', 'failed', 'interrupted', 'pending'].includes(status));
}
