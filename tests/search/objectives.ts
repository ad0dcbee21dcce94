/** The functions on which TPE is compared with Optuna; `bench/reference/make_search.py` has them too. */
import type { Point } from '../../src/search/space.ts';
import type { Asked, Observation } from '../../src/search/suggest.ts';

const numbers = (point: Point): Record<string, number> => point as Record<string, number>;

/** Branin: minimum 0.397887. */
function branin(point: Point): number {
  const { x = NaN, y = NaN } = numbers(point);
  const valley = y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6;
  return valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
}

const HARTMANN_A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const HARTMANN_P = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

/** Hartmann's function of six dimensions: minimum -3.32237. */
function hartmann(point: Point): number {
  const x = Object.values(numbers(point));
  return [1, 1.2, 3, 3.2].reduce((sum, weight, row) => {
    const terms = x.map((xi, at) => (HARTMANN_A[row]?.[at] ?? 0) * (xi - (HARTMANN_P[row]?.[at] ?? 0)) ** 2);
    return sum - weight * Math.exp(-terms.reduce((left, right) => left + right));
  }, 0);
}

const CENTRES: Readonly<Record<string, readonly [number, number]>> = {
  adam: [-3.5, 0],
  sgd: [-1.5, 0.1],
  rmsprop: [-3, 0.3],
};

/** A training's loss as it depends on an optimizer, its own parameters, and a network's size; 0 for the best real numbers. */
function tree(point: Point): number {
  const [centre, offset] = CENTRES[point['optimizer'] as string] ?? [NaN, NaN];
  const { beta = 0.9, momentum = 0.9, rate = NaN, depth = NaN, width = NaN } = numbers(point);
  const nesterov = point['nesterov'] === false ? 0.05 : 0;
  const own = 10 * (beta - 0.9) ** 2 + 4 * (momentum - 0.9) ** 2 + nesterov;
  const size = 0.05 * (depth - 5) ** 2 + 0.2 * (Math.log2(width) - 7.5) ** 2;
  return offset + own + (Math.log10(rate) - centre) ** 2 + size;
}

export const objectives = { branin, hartmann, tree };

/** The trials of a sweep with so many at a time: the oldest ends before the next begins. */
export function runSweep(
  suggest: (asked: Asked) => Point | undefined,
  objective: (point: Point) => number,
  { count, parallel, ...sweep }: Pick<Asked, 'space' | 'seed'> & { count: number; parallel: number },
): readonly Observation[] {
  const observations: Observation[] = [];
  const pending: Point[] = [];
  const end = () => {
    const point = pending.shift() ?? {};
    observations.push({ point, value: objective(point), reached: 1 });
  };
  for (let index = 0; index < count; index++) {
    if (pending.length === parallel) end();
    const point = suggest({ ...sweep, direction: 'min', index, observations, pending });
    if (point !== undefined) pending.push(point);
  }
  while (pending.length > 0) end();
  return observations;
}
