/** Tells entries of a journal from what somebody else has written. */
import { isPlainObject } from '../core/shown.ts';
import type { JournalEntry, TrialEnd } from './journal.ts';
import type { SweepState } from './state.ts';

type Fields = Readonly<Record<string, unknown>>;

const ENDS: ReadonlySet<unknown> = new Set<TrialEnd>(['finished', 'paused', 'failed', 'crashed', 'stopped']);

const isTrial = ({ point, repeat }: Fields, { points }: SweepState): boolean =>
  points[Number(point) - 1]?.trials[Number(repeat) - 1] !== undefined;

const isSuggestion = ({ draw, values }: Fields, { draws }: SweepState): boolean =>
  draw === draws && isPlainObject(values);

const CHECKS: Readonly<Record<JournalEntry['type'], (entry: Fields, state: SweepState) => boolean>> = {
  opened: ({ budget, retries }) => isPlainObject(budget) && typeof retries === 'number',
  suggested: (entry, state) => entry['point'] === state.points.length + 1 && isSuggestion(entry, state),
  refused: isSuggestion,
  started: isTrial,
  ended: (entry, state) => isTrial(entry, state) && ENDS.has(entry['status']),
  closed: () => true,
  completed: ({ why }) => typeof why === 'string',
};

/** True for an entry that may follow in this state. */
export function isNextEntry(value: unknown, state: SweepState): value is JournalEntry {
  if (!isPlainObject(value) || Number.isNaN(Date.parse(String(value['at'])))) return false;
  const type = String(value['type']);
  return Object.hasOwn(CHECKS, type) && CHECKS[type as JournalEntry['type']](value, state);
}
