/**
 * Student's t distribution. The packages that have it are 223 packages (@stdlib) or right to eight digits alone (jstat), for the few
 * lines that one quantile takes.
 */

/** Half the width of the interval in which the bisection begins: the quantile of one degree of freedom is 12.7. */
const LARGEST = 13;

/** Halvings of the interval: more change no bit. */
const HALVINGS = 60;

/**
 * The 97.5 % quantile: the mean of a normal sample is within so many standard errors of the true one in 95 of 100 cases.
 * @param dof Degrees of freedom, at least 1; not a whole number in Welch's case.
 */
export function criticalValue(dof: number): number {
  let low = 0;
  let high = LARGEST;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (outside(middle, dof) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability of a value beyond ±t: the regularized incomplete beta function I_x(dof/2, 1/2) at x = dof / (dof + t²). */
function outside(t: number, dof: number): number {
  const x = dof / (dof + t * t);
  const [a, b] = [dof / 2, 0.5];
  // The fraction converges fast on this side of the mean only; the other one follows from I_x(a, b) = 1 - I_1-x(b, a).
  return x < (a + 1) / (a + b + 2)
    ? incompleteBeta(x, a, b)
    : 1 - incompleteBeta((t * t) / (dof + t * t), b, a);
}

/** NIST Digital Library of Mathematical Functions, 8.17.22, by the modified method of Lentz. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x === 0) return 0;
  const logFront = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const term of [even, odd]) {
      d = 1 / awayFromZero(1 + term * d);
      c = awayFromZero(1 + term / c);
      fraction *= d * c;
    }
    if (Math.abs(d * c - 1) < Number.EPSILON) break;
  }
  return (Math.exp(logFront) / a) * fraction;
}

const MOST_TERMS = 10_000;

const awayFromZero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);

/** Of a positive number: Stirling's series (DLMF 5.11.1) from 10 on, below that by Γ(x) = Γ(x + 1) / x. */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  const square = x * x;
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / x;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series;
}
