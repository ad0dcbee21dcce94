import type { Asked } from '../../src/search/suggest.ts';
import type { Choice, Condition, Point, Range, Space } from '../../src/search/space.ts';

type Options = Partial<Omit<Range, 'kind' | 'name' | 'low' | 'high'>>;

export const range = (name: string, low: number, high: number, options: Options = {}): Range => ({
  kind: 'range',
  name,
  low,
  high,
  log: false,
  integer: false,
  ...options,
});

export const choice = (name: string, values: readonly unknown[], when?: Condition): Choice => ({
  kind: 'choice',
  name,
  values,
  ...(when === undefined ? {} : { when }),
});

/** What is asked for the first point of a sweep that minimizes, or for another. */
export const asked = (space: Space, more: Partial<Asked> = {}): Asked => ({
  space,
  direction: 'min',
  seed: 1,
  index: 0,
  observations: [],
  pending: [],
  ...more,
});

/** A sweep's points while none of them ends. */
export function points(
  suggest: (asked: Asked) => Point | undefined,
  space: Space,
  count: number,
  seed = 1,
): Point[] {
  const pending: Point[] = [];
  for (let index = 0; index < count; index++) {
    const point = suggest(asked(space, { seed, index, pending }));
    if (point === undefined) break;
    pending.push(point);
  }
  return pending;
}
