/** Probability that a standard normal is between two numbers; accurate in both tails. */
export function normalMass(from: number, to: number): number {
  if (from > 0) return upperTail(from) - upperTail(to);
  if (to < 0) return upperTail(-to) - upperTail(-from);
  return 1 - upperTail(-from) - upperTail(to);
}

/** Probability above a number that is not negative. */
const upperTail = (value: number): number => erfc(value / Math.SQRT2) / 2;

/** Complementary error function from 0 on: Abramowitz and Stegun 7.1.6 below 2, 7.1.14 above, to about 14 digits. */
function erfc(x: number): number {
  const factor = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x >= 2) {
    let fraction = x;
    // As many as 15 digits take: fewer, the larger the number is.
    for (let term = 5 + Math.ceil(100 / x); term > 0; term--) fraction = x + term / 2 / fraction;
    return factor / fraction;
  }
  let term = x;
  let sum = x;
  for (let at = 1; term > sum * 1e-17; at++) {
    term *= (2 * x * x) / (2 * at + 1);
    sum += term;
  }
  return 1 - 2 * factor * sum;
}
