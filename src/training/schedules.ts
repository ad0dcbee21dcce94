/** A learning rate, or any other number, by the iteration, which is counted from 1. Pure. */
export type Schedule = (iteration: number) => number;

/** The same number at every iteration. */
export const constant =
  (value: number): Schedule =>
  () =>
    value;
