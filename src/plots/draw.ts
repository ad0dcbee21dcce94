/** Metrics of experiments as a picture: SVG that needs nothing else, for light and dark surroundings. */
import { figure, PICTURE_START } from './figure.ts';
import { panelsOf } from './panels.ts';
import { readPoints } from './read.ts';
import type { PlottedExperiment } from './source.ts';
import { MOST_LINES } from './theme.ts';

export { PICTURE_START };

/** Most experiments of a picture: lines of so many are told apart. */
export const MOST_EXPERIMENTS = MOST_LINES;

/** True for the beginning of a text that `drawMetrics` has made. */
export const isPicture = (beginning: string): boolean => beginning.startsWith(PICTURE_START);

/**
 * One experiment: a panel for each quantity. Several: a panel for each metric, a color for each experiment. The same points give
 * the same text. Undefined where there is no metric. @throws The reason of the signal's abortion.
 */
export async function drawMetrics(
  experiments: readonly PlottedExperiment[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const panels = panelsOf(experiments);
  if (panels.panels.length === 0) return undefined;
  const lines = panels.panels.flatMap(panel => panel.lines);
  for (const [index, experiment] of experiments.entries())
    await readPoints(
      experiment,
      lines.filter(line => line.experiment === index),
      signal,
    );
  return figure(experiments, panels);
}
