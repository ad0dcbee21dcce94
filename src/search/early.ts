/** Early stopping at rungs, as pure functions of the results: what went on is paused at a rung and resumed from there. */

/** A result of a point when it reached a rung. The end of a trial is no rung. */
export interface RungResult {
  readonly point: number;
  /** From 0. */
  readonly rung: number;
  /** Undefined or NaN: worse than all others. */
  readonly value: number | undefined;
}

export interface EarlyDecision {
  /** Points that may go on from the last rung that they reached, those to take first in front; also those that are under way from it. */
  readonly promote: readonly number[];
  /** Points that never go on. */
  readonly pruned: readonly number[];
}

/** The same for the same results, which are in the order in which they arrived. */
export type Early = (results: readonly RungResult[], direction: 'min' | 'max') => EarlyDecision;

/** Values that are smaller for better results. */
type Loss = (result: RungResult) => number;

const lossOf =
  (direction: 'min' | 'max'): Loss =>
  ({ value }) =>
    value === undefined || Number.isNaN(value) ? Infinity : direction === 'min' ? value : -value;

/**
 * Asynchronous successive halving (Li et al. 2020, Algorithm 2): a point goes on when it is among the best `1 / eta` of those that
 * reached its rung, however many will. The highest rung comes first, in it the best; of equal results the earlier one is better.
 */
export const asha =
  ({ eta }: { readonly eta: number }): Early =>
  (results, direction) => {
    const loss = lossOf(direction);
    const promote: number[] = [];
    const highest = results.reduce((most, { rung }) => Math.max(most, rung), -1);
    const wentOn = new Set<number>();
    for (let rung = highest; rung >= 0; rung--) {
      const reached = results.filter(result => result.rung === rung);
      const best = reached.toSorted(by(loss)).slice(0, Math.floor(reached.length / eta));
      const may = best.filter(result => loss(result) < Infinity && !wentOn.has(result.point));
      promote.push(...may.map(({ point }) => point));
      for (const { point } of reached) wentOn.add(point);
    }
    return { promote, pruned: [] };
  };

/**
 * Median stopping (Golovin et al. 2017, as in Optuna): when a point reaches a rung, it ends for good if the best of its results so far
 * is worse than the median of the results that at least `atLeast` others had at that rung before, or is none.
 */
export const median =
  ({ atLeast }: { readonly atLeast: number }): Early =>
  (results, direction) => {
    const loss = lossOf(direction);
    const pruned = new Set<number>();
    results.forEach((result, at) => {
      const before = results.slice(0, at);
      const own = before.filter(({ point, rung }) => point === result.point && rung < result.rung);
      const best = Math.min(loss(result), ...own.map(loss));
      const others = before.filter(({ point, rung }) => rung === result.rung && point !== result.point);
      const worse = others.length >= atLeast && best > medianOf(others.map(loss));
      if (best === Infinity || worse) pruned.add(result.point);
    });
    const latest = new Map(results.map(result => [result.point, result]));
    const going = [...latest.values()].filter(({ point }) => !pruned.has(point));
    return { promote: going.toSorted(by(loss)).map(({ point }) => point), pruned: [...pruned] };
  };

/** Infinities compare as equal, where their difference would be NaN. */
const by = (loss: Loss) => (left: RungResult, right: RungResult) =>
  loss(left) === loss(right) ? 0 : loss(left) - loss(right);

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => (left === right ? 0 : left - right));
  const middle = sorted.length / 2;
  const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === high ? low : (low + high) / 2;
}
