/** A measure of pictures, and how sure it is. */
export interface Score {
  readonly value: number;
  /** Lower and upper end of its 95 % confidence interval. */
  readonly interval: readonly [low: number, high: number];
}

/** What an embedding makes of pictures: one row `[width] float32` for each of `count` pictures. */
export interface Features {
  /** Rows one after another, `[count, width]`. */
  readonly values: Float32Array;
  readonly count: number;
  readonly width: number;
}

/** Features with the name of their set in messages, such as `generated pictures`. */
export interface NamedFeatures extends Features {
  readonly name: string;
}
