/**
 * The number with a short decimal text from which the same float32 follows: of six digits where they do, and of at most nine.
 * `0.1` instead of 0.10000000149011612.
 */
export function shortFloat32(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}
