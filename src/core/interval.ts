/** A 95 % interval of a value: its bounds, both finite, the first not the larger. The value may lie outside. */
export type Interval = readonly [low: number, high: number];

/** True for two finite numbers of which the first is not the larger. */
export const isInterval = (value: unknown): value is Interval =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every(bound => Number.isFinite(bound)) &&
  (value[0] as number) <= (value[1] as number);

/** The interval of a value by its name, which may be that of a property of every object. */
export const intervalOf = (
  intervals: Readonly<Record<string, Interval>> | undefined,
  name: string,
): Interval | undefined => (intervals && Object.hasOwn(intervals, name) ? intervals[name] : undefined);
