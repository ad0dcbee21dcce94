import type { Failure } from '../../core/failure.ts';
import type { RunEvent } from '../events.ts';

/** Why the stages that are left do not run. `stage` is the one that stopped, null when it was between two. */
export type Stop =
  | {
      readonly status: 'failed';
      readonly stage: string;
      readonly failure: Failure;
      /** True when that stage may still be doing something. */
      readonly isAtWork: boolean;
    }
  | { readonly status: 'interrupted'; readonly stage: string | null };

/** How a stage ended, as its event has it. */
export type End = Omit<RunEvent & { type: 'stage-ended' }, 'type' | 'stage'>;

/** The end of a stage that does not run. */
export const skipped = (reason: string | null): End => ({
  status: 'skipped',
  decision: 'skip',
  reason,
  report: null,
  ms: null,
});
