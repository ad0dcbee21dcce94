import { deriveSeed, Random } from '../core/random.ts';
import type { Asked, Observation } from './asked.ts';
import type { Parzen } from './parzen.ts';
import { parzen } from './parzen.ts';
import { suggestSobol } from './sobol.ts';
import type { Point } from './space.ts';
import { pointKey } from './space.ts';
import { gridSize } from './grid.ts';
import { seenPoints, unseenPoints } from './unseen.ts';

/** Points with values that the densities take; those before are of a Sobol sequence. */
const STARTUP = 10;

/** Points drawn for each that is suggested. */
const CANDIDATES = 24;

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011; Watanabe 2023), with Optuna's settings: of points drawn from the density of
 * the good ones the one with the largest ratio to the density of the others. Pending points are among the others (constant
 * liar). No point twice while there is another.
 */
export function suggestTpe(asked: Asked): Point | undefined {
  const ranked = rankedBest(asked);
  if (ranked.length < STARTUP) return suggestSobol(asked);
  const random = new Random(deriveSeed(asked.seed, 'tpe', asked.index));
  const best = new Set(ranked.slice(0, goodCount(ranked.length)));
  const others = asked.observations.filter(observation => !best.has(observation));
  const pointsOf = (observations: readonly Observation[]) => observations.map(({ point }) => point);
  const good = parzen(asked.space, pointsOf(asked.observations.filter(one => best.has(one))));
  const bad = parzen(asked.space, [...pointsOf(others), ...asked.pending]);
  return mostPromising(candidates(asked, good, random), good, bad);
}

const goodCount = (count: number): number => Math.min(25, Math.ceil(0.1 * count));

/** Observations with values, the best first: those that ran to their end, then those that came farther, by their value. */
function rankedBest({ observations, direction }: Asked): readonly Observation[] {
  const sign = direction === 'min' ? 1 : -1;
  const valued = observations.flatMap(observation => {
    const { value, reached } = observation;
    if (value === undefined || Number.isNaN(value)) return [];
    return [{ observation, loss: sign * value, reached: Math.min(1, reached) }];
  });
  // Infinities compare as equal, where their difference would be NaN.
  const order = (left: number, right: number) => (left === right ? 0 : left - right);
  valued.sort((left, right) => order(right.reached, left.reached) || order(left.loss, right.loss));
  return valued.map(({ observation }) => observation);
}

/** Points of the good density that were not given before, or, where it has none, some that are left of a finite space. */
function candidates(asked: Asked, good: Parzen, random: Random): readonly Point[] {
  const drawn = Array.from({ length: CANDIDATES }, () => good.draw(random));
  const seen = seenPoints(asked);
  const unseen = drawn.filter(point => !seen.has(pointKey(point)));
  if (unseen.length > 0) return unseen;
  return gridSize(asked.space) === Infinity ? drawn : unseenPoints(asked.space, seen);
}

function mostPromising(points: readonly Point[], good: Parzen, bad: Parzen): Point | undefined {
  let best: { readonly point: Point; readonly score: number } | undefined;
  for (const point of points) {
    const score = good.logDensity(point) - bad.logDensity(point);
    if (best === undefined || score > best.score) best = { point, score };
  }
  return best?.point;
}
