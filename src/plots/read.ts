import { setImmediate } from 'node:timers/promises';
import { metricName } from '../core/metric-name.ts';
import type { Line } from './panels.ts';
import type { Series } from './series.ts';
import type { PlottedExperiment } from './source.ts';

/** Points read until other work of the process gets its turn. */
const PIECE = 20_000;

/** Adds an experiment's points to the lines that show them. @throws The reason of the signal's abortion. */
export async function readPoints(
  { points }: PlottedExperiment,
  lines: readonly Line[],
  signal?: AbortSignal,
): Promise<void> {
  const byStage = new Map<string, { readonly emitted: string; readonly series: Series }[]>();
  for (const { name, summary, series } of lines) {
    const others = byStage.get(summary.stage) ?? [];
    byStage.set(summary.stage, [...others, { emitted: metricName(name, summary.stage), series }]);
  }
  let count = 0;
  for (const { point } of points) {
    if (++count % PIECE === 0) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    const { stage, step, values, intervals = {} } = point;
    for (const { emitted, series } of byStage.get(stage) ?? []) {
      const value = own(values, emitted);
      if (value !== undefined) series.add(step, value, own(intervals, emitted));
    }
  }
}

/** Names may be anything, such as `__proto__`. */
const own = <T>(values: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;
