/** A learning rate, or any other number, by the iteration, which is counted from 1. Pure. */
export type Schedule = (iteration: number) => number;

/** Where a schedule leads. */
export interface Decay {
  /** Its value up to iteration `after`, and in the one that follows. */
  readonly start: number;
  /** Its value from iteration `until + 1` on. */
  readonly end: number;
  /** 0 by default. */
  readonly after?: number;
  readonly until: number;
}

/** The same number at every iteration. */
export const constant =
  (value: number): Schedule =>
  () =>
    value;

/** From `start` to `end` by the same step at each iteration. */
export const linear =
  (decay: Decay): Schedule =>
  iteration =>
    blend(decay, 1 - shareDone(decay, iteration));

/** From `start` to `end` along half a cosine (Loshchilov & Hutter 2017, eq. 5). */
export const cosine =
  (decay: Decay): Schedule =>
  iteration =>
    blend(decay, (1 + Math.cos(Math.PI * shareDone(decay, iteration))) / 2);

/** `start`, multiplied by `factor` after each of the iterations `at`. */
export const steps =
  ({
    start,
    factor,
    at,
  }: {
    readonly start: number;
    readonly factor: number;
    readonly at: readonly number[];
  }): Schedule =>
  iteration =>
    start * factor ** at.filter(each => iteration > each).length;

/** Rises from 0 to what another schedule is at the last of `iterations`, by the same step at each, and follows that one then. */
export const warmUp =
  (iterations: number, schedule: Schedule): Schedule =>
  iteration =>
    iteration < iterations ? (schedule(iterations) * iteration) / iterations : schedule(iteration);

/** The first iteration, up to and with `last`, at which two schedules differ. */
export function firstDifference(one: Schedule, other: Schedule, last: number): number | undefined {
  for (let iteration = 1; iteration <= last; iteration++)
    if (one(iteration) !== other(iteration)) return iteration;
  return undefined;
}

/** 0 up to the first iteration of a decay, 1 after its last. */
function shareDone({ after = 0, until }: Decay, iteration: number): number {
  const [done, length] = [iteration - 1 - after, until - after];
  if (done <= 0) return 0;
  return done < length ? done / length : 1;
}

/** Between `end` for 0 and `start` for 1, both exact. */
const blend = ({ start, end }: Decay, share: number): number =>
  share === 1 ? start : end + (start - end) * share;
