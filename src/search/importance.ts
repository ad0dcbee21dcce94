import type { Observation } from './asked.ts';
import { pointsPerCell } from './importance-cells.ts';
import { levelCount } from './scale.ts';
import type { Dimension, Space } from './space.ts';
import { scottDensity } from './scott.ts';

/** The share of the best among the points. */
const BEST = 0.1;

export interface Importance {
  readonly name: string;
  /** Of all dimensions' importance, 0 … 1; undefined where the points tell nothing. */
  readonly share: number | undefined;
  /** Points that have a value for the dimension. */
  readonly points: number;
}

export interface Importances {
  /** Points that ran to their end with a finite value: those alone count. */
  readonly points: number;
  /** How many of them are the best tenth, ties included. Fewer than five make shares that change much with the next point. */
  readonly best: number;
  /** The most important first. */
  readonly dimensions: readonly Importance[];
}

/**
 * PED-ANOVA (Watanabe et al. 2023), with conditional dimensions as in Optuna (condPED-ANOVA): how much the density of the best tenth of
 * the points differs from that of all points along each dimension, by the Pearson divergence.
 */
export function importances(
  space: Space,
  observations: readonly Observation[],
  direction: 'min' | 'max',
): Importances {
  const ended = observations.filter(({ value, reached }) => reached >= 1 && Number.isFinite(value));
  const best = bestOf(ended, direction);
  const found = space.map(dimension => {
    const active = ended.filter(({ point }) => Object.hasOwn(point, dimension.name));
    return { name: dimension.name, points: active.length, size: divergence(dimension, active, ended, best) };
  });
  const total = found.reduce((sum, { size }) => sum + size, 0);
  const dimensions = found
    .toSorted((left, right) => right.size - left.size)
    .map(({ name, points, size }) => ({ name, points, share: total > 0 ? size / total : undefined }));
  return { points: ended.length, best: best.size, dimensions };
}

/** The best tenth, with all that are as good as its worst. */
function bestOf(ended: readonly Observation[], direction: 'min' | 'max'): ReadonlySet<Observation> {
  const loss = ({ value = NaN }: Observation) => (direction === 'min' ? value : -value);
  const losses = ended.map(loss).sort((left, right) => left - right);
  const worst = losses[Math.ceil(BEST * losses.length) - 1] ?? NaN;
  return new Set(ended.filter(observation => loss(observation) <= worst));
}

/** What a dimension adds: the divergence among the points in which it is active, weighted by how many of the best have it. */
function divergence(
  dimension: Dimension,
  active: readonly Observation[],
  ended: readonly Observation[],
  best: ReadonlySet<Observation>,
): number {
  const top = active.filter(observation => best.has(observation));
  if (levelCount(dimension) === 1 || active.length < 2 || top.length === 0) return 0;
  const [shareOfBest, shareOfAll] = [top.length / best.size, active.length / ended.length];
  const densities = [top, active].map(observations => scottDensity(pointsPerCell(dimension, observations)));
  const [topDensity = [], allDensity = []] = densities;
  const pearson = allDensity.reduce(
    (sum, all, cell) => sum + all * ((topDensity[cell] as number) / all - 1) ** 2,
    0,
  );
  return (shareOfBest ** 2 / shareOfAll) * pearson;
}
