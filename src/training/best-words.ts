/** Which weights are the best ones, where they were chosen by a validation part. */
export const bestWords = (iteration: number | undefined): readonly string[] =>
  iteration === undefined ? [] : [`best at iteration ${iteration.toLocaleString('en-US')}`];
