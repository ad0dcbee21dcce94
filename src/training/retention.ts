/** Which checkpoints stay in the folder. */
export interface Retention {
  /** Iterations between checkpoints. */
  readonly every: number;
  /** Iterations between validations, where there are some: each has a checkpoint as well. */
  readonly validated?: number | undefined;
  /** The last iteration: there is a checkpoint of it in any case. */
  readonly iterations: number;
  /** How many of the newest stay. */
  readonly keep: number;
  /** The first checkpoint at or after each multiple of this stays for good; 0: none does. */
  readonly keepEvery: number;
}

/**
 * Of the iterations that have a checkpoint, in order, those whose checkpoint stays: the newest ones, those that stay for good,
 * those needed, and the last of all. Any other one that training without a stop would not have, such as of the moment of a Ctrl-C,
 * goes; so what is left does not depend on where training was stopped.
 */
export function keptCheckpoints(
  iterations: readonly number[],
  retention: Retention,
  needed: readonly number[] = [],
): readonly number[] {
  const regular = iterations.filter(iteration => isRegular(iteration, retention));
  const newest = regular.slice(-retention.keep);
  return iterations.filter(
    (iteration, index) =>
      index === iterations.length - 1 ||
      needed.includes(iteration) ||
      newest.includes(iteration) ||
      (isRegular(iteration, retention) && isForGood(iteration, retention)),
  );
}

/**
 * What training without a stop leaves in the end, as far as iteration `upTo`, in order. As many numbers as there are such
 * checkpoints, however many iterations.
 */
export function finalCheckpoints(retention: Retention, upTo = retention.iterations): readonly number[] {
  const { iterations, keep, keepEvery } = retention;
  const left = new Set([iterations]);
  // The newest: those before the last.
  for (let before = regularBefore(iterations, retention); before > 0 && left.size < keep;) {
    left.add(before);
    before = regularBefore(before, retention);
  }
  // Those that stay for good: the first at or after each multiple of `keepEvery`.
  for (let multiple = keepEvery; keepEvery > 0 && multiple <= upTo;) {
    const first = regularFrom(multiple, retention);
    left.add(first);
    multiple = Math.max(multiple + keepEvery, Math.ceil((first + 1) / keepEvery) * keepEvery);
  }
  return [...left].filter(iteration => iteration <= upTo).sort((a, b) => a - b);
}

/** Iterations that have a checkpoint, up to one. */
export function regularCount(upTo: number, retention: Retention): number {
  let count = 0;
  for (let at = regularFrom(1, retention); at <= upTo; at = regularFrom(at + 1, retention)) {
    count++;
    if (at === retention.iterations) break;
  }
  return count;
}

const periodsOf = ({ every, validated }: Retention): readonly number[] =>
  validated === undefined ? [every] : [every, validated];

/** True for an iteration that has a checkpoint in training without a stop. */
export const isRegular = (iteration: number, retention: Retention): boolean =>
  iteration === retention.iterations || periodsOf(retention).some(period => iteration % period === 0);

/** The last one that has a checkpoint before an iteration; 0 where none has. */
const regularBefore = (iteration: number, retention: Retention): number =>
  Math.max(...periodsOf(retention).map(period => (Math.ceil(iteration / period) - 1) * period));

/** The first one from an iteration on. */
const regularFrom = (iteration: number, retention: Retention): number =>
  Math.min(
    retention.iterations,
    ...periodsOf(retention).map(period => Math.ceil(iteration / period) * period),
  );

/** True when a multiple of `keepEvery` lies between the checkpoint before and this one. */
function isForGood(iteration: number, retention: Retention): boolean {
  const { keepEvery } = retention;
  if (keepEvery === 0) return false;
  return Math.floor(iteration / keepEvery) > Math.floor(regularBefore(iteration, retention) / keepEvery);
}
