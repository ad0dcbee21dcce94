import type { Random } from '../../core/random.ts';
import type { Features } from '../score.ts';

/** Some rows of features, in an order of their own; a row may come more than once. */
export interface Rows {
  readonly features: Features;
  /** Indices of rows; all rows where it is not given. */
  readonly order?: Uint32Array | undefined;
}

export const countOf = ({ features, order }: Rows): number => order?.length ?? features.count;

/** Where a row's values begin. */
export const offsetOf = ({ features, order }: Rows, row: number): number =>
  features.width * (order === undefined ? row : (order[row] as number));

/** As many rows as there are, drawn with replacement: one replicate of a bootstrap (Efron 1979). */
export function resample(rows: Rows, random: Random): Rows {
  const count = countOf(rows);
  const order = Uint32Array.from({ length: count }, () => {
    const row = random.integer(0, count - 1);
    return rows.order?.[row] ?? row;
  });
  return { features: rows.features, order };
}

/** `size` of the rows, drawn without replacement. */
export function subset({ features }: Rows, size: number, random: Random): Rows {
  return { features, order: random.permutation(features.count).subarray(0, size) };
}

/** Pieces of at most `size` of `count` rows. */
export function* pieces(
  count: number,
  size: number,
): Generator<{ readonly from: number; readonly to: number }> {
  for (let from = 0; from < count; from += size) yield { from, to: Math.min(count, from + size) };
}
