import { printable } from '../core/printable.ts';
import type { WatchState } from './machine.ts';

/** Messages of `pipe watch`; text from files and paths is made printable here, before it is coloured. */

/** Most changes to list. */
const LISTED = 12;

export const stoppingForChange =
  'stopping the run at its next safe point; stages that did not change resume from there';

export const stoppingToLeave = 'finishing the iteration, saving… q or Ctrl-C again stops at once';

export const watching = (file: string): string => `watching ${printable(file)} — q quits`;

export const slow = (file: string): string =>
  `still reading ${printable(file)}: code of a stage’s file, outside of its functions, has not finished — a loop, or an await? A save reads it again`;

export function changed(file: string, changes: readonly string[]): string {
  const rest = changes.length - LISTED;
  const lines = [...changes.slice(0, LISTED), ...(rest > 0 ? [`… and ${rest} more`] : [])];
  return [`${printable(file)} changed:`, ...lines.map(line => `  ${printable(line)}`)].join('\n');
}

/** Message about the experiment of a run that an edit stopped. */
export const tidied = (id: string, why: string, command: string): string =>
  `${id} is in the trash, as ${why}: ${command} brings it back`;

export const hasNothing = 'it had no result of its own yet';

export const isTakenOver = (newer: string): string => `${newer} resumed from its checkpoint`;

export const hasBarelyBegun = 'it was stopped before its first checkpoint';

type Run = WatchState<unknown>['run'];

export const unchanged = (file: string, run: Run): string =>
  `${printable(file)} was saved, and nothing changed${run === 'running' ? ': the run continues' : ''}`;

export const afterFailure = (file: string, run: Run): string =>
  run === 'idle' ? watching(file) : 'the run continues as it was started';
