/** Search spaces and their points. A space is checked by who makes it: names once, `low <= high`, `low > 0` with `log`, choices once. */

/** True where the dimension of this name is active and has one of these values. */
export interface Condition {
  readonly name: string;
  readonly oneOf: readonly unknown[];
}

interface Named {
  readonly name: string;
  /** Inactive dimensions have no value in a point. */
  readonly when?: Condition;
}

/** One of some JSON values, which are compared by their JSON text. */
export interface Choice extends Named {
  readonly kind: 'choice';
  readonly values: readonly unknown[];
}

/** Numbers from `low` to `high`, both included: with a step, `low + k * step`; integers have the step 1 unless they name another. */
export interface Range extends Named {
  readonly kind: 'range';
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly integer: boolean;
  readonly step?: number;
}

export type Dimension = Choice | Range;

/** The dimension of a condition comes before those that it governs. */
export type Space = readonly Dimension[];

/** A value for each active dimension, in the order of the space. */
export type Point = Readonly<Record<string, unknown>>;

export const sameValue = (left: unknown, right: unknown): boolean =>
  JSON.stringify(left) === JSON.stringify(right);

/** Whether the dimension gets a value beside those chosen for the dimensions before it. */
export const isActive = ({ when }: Dimension, chosen: Point): boolean =>
  when === undefined ||
  (Object.hasOwn(chosen, when.name) && when.oneOf.some(value => sameValue(value, chosen[when.name])));

/** The point whose active dimensions have the values that `choose` returns, asked in the order of the space. */
export function makePoint(space: Space, choose: (dimension: Dimension, chosen: Point) => unknown): Point {
  const point: Record<string, unknown> = {};
  for (const dimension of space) {
    if (isActive(dimension, point)) point[dimension.name] = choose(dimension, point);
  }
  return point;
}

/** Each suggestion asks for the keys of all points before it. */
const keys = new WeakMap<Point, string>();

/** Equal for equal points, whatever the order of their names. */
export function pointKey(point: Point): string {
  const known = keys.get(point);
  if (known !== undefined) return known;
  const entries = Object.entries(point).sort(([left], [right]) => (left < right ? -1 : 1));
  const key = JSON.stringify(entries);
  keys.set(point, key);
  return key;
}
