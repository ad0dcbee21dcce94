import { pointKey } from '../search/space.ts';
import type { JournalEntry } from './journal.ts';
import { nextStep, nextSuggestion } from './next.ts';
import type { SweepDefinition } from './definition.ts';
import { SweepState } from './state.ts';

/** What a replay of a journal found. */
export interface Verification {
  /** Suggestions that came out again, refused ones included. */
  readonly suggestions: number;
  /** Trials that began when the method let them. */
  readonly starts: number;
  /** Entries that do not follow from those before. */
  readonly faults: readonly string[];
}

/** Replays a journal: each suggestion and each start must follow from the definition and the entries before. */
export function verifySuggestions(
  definition: SweepDefinition,
  journal: readonly JournalEntry[],
): Verification {
  const state = new SweepState(definition);
  const faults: string[] = [];
  let suggestions = 0;
  let starts = 0;
  journal.forEach((entry, index) => {
    const line = `line ${index + 1} of the journal`;
    if (entry.type === 'suggested' || entry.type === 'refused') {
      suggestions++;
      const now = nextSuggestion(state);
      if (typeof now === 'string') faults.push(`${line}: a point, though ${now}`);
      else if (
        now.kind !== entry.type ||
        now.draw !== entry.draw ||
        pointKey(now.values) !== pointKey(entry.values)
      )
        faults.push(
          `${line}: ${JSON.stringify(entry.values)}, where the method gives ${JSON.stringify(now.values)}`,
        );
    }
    if (entry.type === 'started') {
      starts++;
      const now = nextStep(state, false);
      const isDue =
        now.kind === 'start' &&
        now.point === entry.point &&
        now.repeat === entry.repeat &&
        now.rung === entry.rung;
      if (!isDue)
        faults.push(`${line}: trial ${entry.point}/${entry.repeat} began, where ${wordsOf(now)} was next`);
    }
    state.add(entry);
  });
  return { suggestions, starts, faults };
}

const wordsOf = (step: ReturnType<typeof nextStep>): string =>
  step.kind === 'start' ? `trial ${step.point}/${step.repeat}` : step.kind;
