import { hasLevel, levelAt, levelCount } from './scale.ts';
import type { Dimension, Point, Space } from './space.ts';
import { isActive, sameValue } from './space.ts';

/** Number of points, Infinity where a continuous range can be active. */
export const gridSize = (space: Space): number => countFrom(space, 0, {});

/** The point of this index, in the order of nested loops: the first dimension varies slowest. Undefined beyond the last. */
export function gridPoint(space: Space, index: number): Point | undefined {
  if (index >= gridSize(space)) return undefined;
  const point: Record<string, unknown> = {};
  let left = index;
  space.forEach((dimension, at) => {
    if (!isActive(dimension, point)) return;
    let level = 0;
    for (; ; level++) {
      point[dimension.name] = levelAt(dimension, level);
      const below = countFrom(space, at + 1, point);
      if (!governs(space, dimension)) {
        level = Math.floor(left / below);
        left %= below;
        break;
      }
      if (left < below) break;
      left -= below;
    }
    point[dimension.name] = levelAt(dimension, level);
  });
  return point;
}

/** Points in the order of the grid. */
export function* gridPoints(space: Space, at = 0, point: Point = {}): Generator<Point> {
  const dimension = space[at];
  if (dimension === undefined) yield point;
  else if (!isActive(dimension, point)) yield* gridPoints(space, at + 1, point);
  else {
    for (let level = 0; level < levelCount(dimension); level++) {
      yield* gridPoints(space, at + 1, { ...point, [dimension.name]: levelAt(dimension, level) });
    }
  }
}

const governs = (space: Space, { name }: Dimension): boolean => space.some(({ when }) => when?.name === name);

/** How many points there are with these values for the dimensions before `at`. */
function countFrom(space: Space, at: number, point: Point): number {
  const dimension = space[at];
  if (dimension === undefined) return 1;
  if (!isActive(dimension, point)) return countFrom(space, at + 1, point);
  const levels = levelCount(dimension);
  if (levels === Infinity) return Infinity;
  const countWith = (value: unknown) => countFrom(space, at + 1, { ...point, [dimension.name]: value });
  const named = namedLevels(space, dimension);
  const others = levels - named.length;
  const other = others === 0 ? 0 : others * countWith(undefined);
  return named.reduce<number>((sum, value) => sum + countWith(value), other);
}

/** Values of a dimension that conditions name: only these make a difference to what follows. */
function namedLevels(space: Space, dimension: Dimension): readonly unknown[] {
  const named = space.flatMap(({ when }) => (when?.name === dimension.name ? when.oneOf : []));
  const distinct = named.filter((value, at) => named.findIndex(one => sameValue(one, value)) === at);
  return distinct.filter(value => hasLevel(dimension, value));
}
