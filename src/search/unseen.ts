import type { Random } from '../core/random.ts';
import type { Asked } from './asked.ts';
import { gridPoints, gridSize } from './grid.ts';
import type { Point, Space } from './space.ts';
import { pointKey } from './space.ts';

/** How often to draw before the points that are left are listed. */
const DRAWS = 1000;

/** How many of the points that are left are listed. */
const LISTED = 1000;

/** Keys of the points that were given before. */
export const seenPoints = ({ observations, pending }: Asked): ReadonlySet<string> =>
  new Set([...observations.map(({ point }) => point), ...pending].map(pointKey));

/**
 * The first of the points drawn that was not given before; when draws find none, one of those that are left of a finite space;
 * undefined when none is left.
 */
export function drawUnseen(asked: Asked, random: Random, draw: () => Point): Point | undefined {
  const seen = seenPoints(asked);
  let drawn = draw();
  for (let count = 1; count < DRAWS && seen.has(pointKey(drawn)); count++) drawn = draw();
  if (!seen.has(pointKey(drawn))) return drawn;
  if (gridSize(asked.space) === Infinity) return drawn;
  const left = unseenPoints(asked.space, seen);
  return left.length === 0 ? undefined : random.pick(left);
}

/** The first points of a finite space's grid that were not given before, at most 1000. */
export function unseenPoints(space: Space, seen: ReadonlySet<string>): readonly Point[] {
  const left: Point[] = [];
  for (const point of gridPoints(space)) {
    if (left.length === LISTED) break;
    if (!seen.has(pointKey(point))) left.push(point);
  }
  return left;
}
