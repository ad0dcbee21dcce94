import { setImmediate } from 'node:timers/promises';
import type { Line } from './panels.ts';
import type { Series } from './series.ts';
import { emittedName, type PlottedExperiment } from './source.ts';

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
    byStage.set(summary.stage, [...others, { emitted: emittedName(name, summary), series }]);
  }
  let count = 0;
  for (const { stage, step, values } of points) {
    if (++count % PIECE === 0) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    for (const { emitted, series } of byStage.get(stage) ?? []) {
      const value = Object.hasOwn(values, emitted) ? values[emitted] : undefined;
      if (value !== undefined) series.add(step, value);
    }
  }
}
