import type { MetricPoint } from '../../registry/metric-lines.ts';
import type { MetricDifference } from './report.ts';

interface Value {
  readonly step: number;
  readonly epoch: number | undefined;
  readonly value: number;
}

/**
 * Compares what a stage measured in two runs, times aside. Pure.
 * @param isTime Tells the metrics that are others in every run.
 * @returns The number of points in which everything that is compared is equal, and the metrics that differ.
 */
export function compareMetrics(
  original: readonly MetricPoint[],
  repeated: readonly MetricPoint[],
  isTime: (metric: string) => boolean,
): { readonly points: number; readonly differences: readonly MetricDifference[] } {
  const [then, now] = [seriesOf(original, isTime), seriesOf(repeated, isTime)];
  const names = [...new Set([...then.keys(), ...now.keys()])];
  const differences = names.flatMap(
    name => difference(name, then.get(name) ?? [], now.get(name) ?? []) ?? [],
  );
  const first = Math.min(...differences.map(({ step }) => step));
  const points = original.filter(({ step, values }) => step < first && !Object.keys(values).every(isTime));
  return { points: points.length, differences };
}

function seriesOf(
  points: readonly MetricPoint[],
  isTime: (metric: string) => boolean,
): ReadonlyMap<string, readonly Value[]> {
  const series = new Map<string, Value[]>();
  for (const { step, epoch, values } of points)
    for (const [name, value] of Object.entries(values)) {
      if (isTime(name)) continue;
      const known = series.get(name) ?? [];
      series.set(name, known);
      known.push({ step, epoch, value });
    }
  return series;
}

function difference(
  name: string,
  then: readonly Value[],
  now: readonly Value[],
): MetricDifference | undefined {
  const length = Math.max(then.length, now.length);
  for (let index = 0; index < length; index++) {
    const [before, after] = [then[index], now[index]];
    if (before !== undefined && after !== undefined && isSame(before, after)) continue;
    const step = Math.min(before?.step ?? Infinity, after?.step ?? Infinity);
    const last = sides(then.at(-1)?.value, now.at(-1)?.value);
    return { name, step, first: sides(valueAt(before, step), valueAt(after, step)), last };
  }
  return undefined;
}

const isSame = (a: Value, b: Value): boolean =>
  a.step === b.step && a.epoch === b.epoch && Object.is(a.value, b.value);

/** Of a side whose next point is a later one: none. */
const valueAt = (value: Value | undefined, step: number): number | undefined =>
  value?.step === step ? value.value : undefined;

function sides<T>(original: T | undefined, repeated: T | undefined) {
  return { ...(original !== undefined && { original }), ...(repeated !== undefined && { repeated }) };
}
