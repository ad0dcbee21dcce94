import type { Failure } from '../../core/failure.ts';
import type { RunEvent } from '../events.ts';

/** Why the remaining stages do not run. `stage` is the one that stopped, null between two stages. */
export type Stop =
  | {
      readonly status: 'failed';
      readonly stage: string;
      readonly failure: Failure;
      /** True when that stage may still be running. */
      readonly isAtWork: boolean;
    }
  | { readonly status: 'interrupted'; readonly stage: string | null };

/** The end of a stage, as in its event. */
export type End = Omit<RunEvent & { type: 'stage-ended' }, 'type' | 'stage'>;

/** The end of a stage that does not run. */
export const skipped = (reason: string | null): End => ({
  status: 'skipped',
  decision: 'skip',
  reason,
  report: null,
  ms: null,
});
