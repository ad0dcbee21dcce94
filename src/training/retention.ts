/** Which checkpoints stay in the folder. */
export interface Retention {
  /** Iterations between checkpoints. */
  readonly every: number;
  /** The last iteration: there is a checkpoint of it in any case. */
  readonly iterations: number;
  /** How many of the newest stay. */
  readonly keep: number;
  /** The first checkpoint at or after each multiple of this stays for good; 0: none does. */
  readonly keepEvery: number;
}

/**
 * Of the iterations that have a checkpoint, in order, those whose checkpoint stays: the newest ones, those that stay for good,
 * and the last of all. Any other one that training without a stop would not have, such as of the moment of a Ctrl-C, goes; so
 * what is left does not depend on where training was stopped.
 */
export function keptCheckpoints(iterations: readonly number[], retention: Retention): readonly number[] {
  const regular = iterations.filter(iteration => isRegular(iteration, retention));
  const newest = regular.slice(-retention.keep);
  return iterations.filter(
    (iteration, index) =>
      index === iterations.length - 1 ||
      newest.includes(iteration) ||
      (isRegular(iteration, retention) && isForGood(iteration, retention)),
  );
}

/**
 * What training without a stop leaves in the end, as far as iteration `upTo`, in order. As many numbers as there are such
 * checkpoints, however many iterations.
 */
export function finalCheckpoints(retention: Retention, upTo = retention.iterations): readonly number[] {
  const { every, iterations, keep, keepEvery } = retention;
  const left = new Set([iterations]);
  // The newest: those at multiples before the last.
  for (let index = Math.ceil(iterations / every) - 1; index > 0 && left.size < keep; index--)
    left.add(index * every);
  // Those that stay for good: the first at or after each multiple of `keepEvery`.
  for (let multiple = keepEvery; keepEvery > 0 && multiple <= upTo;) {
    const first = Math.min(Math.ceil(multiple / every) * every, iterations);
    left.add(first);
    multiple = Math.max(multiple + keepEvery, Math.ceil((first + 1) / keepEvery) * keepEvery);
  }
  return [...left].filter(iteration => iteration <= upTo).sort((a, b) => a - b);
}

const isRegular = (iteration: number, { every, iterations }: Retention): boolean =>
  iteration % every === 0 || iteration === iterations;

/** True when a multiple of `keepEvery` lies between the checkpoint before and this one. */
function isForGood(iteration: number, { every, keepEvery }: Retention): boolean {
  if (keepEvery === 0) return false;
  const before = (Math.ceil(iteration / every) - 1) * every;
  return Math.floor(iteration / keepEvery) > Math.floor(before / keepEvery);
}
