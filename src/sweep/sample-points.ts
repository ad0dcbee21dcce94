/** Points that are checked before anything runs. */
import { gridPoints, gridSize } from '../search/grid.ts';
import { makePoint, sameValue, type Dimension, type Point, type Space } from '../search/space.ts';

/** Most points to check one by one. */
const MOST_POINTS = 200;
/** Most values of one choice. */
const MOST_VALUES = 50;

/**
 * All points of a small grid; of any other space, points that together have every value of each choice, and both ends and the inside
 * of each range.
 */
export function samplePoints(space: Space): readonly Point[] {
  if (isSampledWhole(space)) return [...gridPoints(space)];
  return space.flatMap(dimension =>
    valuesOf(dimension).map(value => pointWith(space, dimension.name, value)),
  );
}

/** True where the samples are all points. */
export const isSampledWhole = (space: Space): boolean => gridSize(space) <= MOST_POINTS;

function valuesOf(dimension: Dimension): readonly unknown[] {
  if (dimension.kind === 'choice') return dimension.values.slice(0, MOST_VALUES);
  const { low, high, integer, step } = dimension;
  // Seldom a whole number, so that a parameter that must be one is noticed.
  const inside = low + (high - low) * Math.SQRT1_2;
  return integer || step !== undefined ? [low, high] : [low, inside, high];
}

/** A point in which one dimension has a value, those of its conditions what they need, and all others their first. */
function pointWith(space: Space, name: string, value: unknown): Point {
  const needed = new Map<string, unknown>([[name, value]]);
  for (let at = space.find(each => each.name === name); at?.when !== undefined;) {
    const { when } = at;
    const parent = space.find(each => each.name === when.name);
    needed.set(when.name, parent?.kind === 'choice' ? fulfilling(parent.values, when.oneOf) : when.oneOf[0]);
    at = parent;
  }
  return makePoint(space, dimension =>
    needed.has(dimension.name) ? needed.get(dimension.name) : firstOf(dimension),
  );
}

const fulfilling = (values: readonly unknown[], oneOf: readonly unknown[]): unknown =>
  values.find(value => oneOf.some(each => sameValue(each, value)));

const firstOf = (dimension: Dimension): unknown =>
  dimension.kind === 'choice' ? dimension.values[0] : dimension.low;
