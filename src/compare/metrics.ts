import type { MetricSummary } from '../core/experiment.ts';
import { formatNumber } from '../core/format.ts';
import type { MetricDeclaration } from '../core/stage.ts';
import { bestIndices } from './best.ts';
import { cell, type ComparedExperiment, type Row } from './table.ts';

const STATISTICS = [
  ['last', 'last'],
  ['min', 'min'],
  ['max', 'max'],
  ['tailMean', 'tail mean'],
] as const satisfies readonly (readonly [keyof MetricSummary, string])[];

/** Four rows per metric of any of the experiments: last, min, max, mean over the last tenth. */
export function metricRows(experiments: readonly ComparedExperiment[]): Row[] {
  const names = new Set(experiments.flatMap(({ record }) => Object.keys(record.metrics)));
  return [...names].flatMap(name => {
    const summaries = experiments.map(({ record }) =>
      Object.hasOwn(record.metrics, name) ? record.metrics[name] : undefined,
    );
    const direction = commonDirection(summaries);
    const unit = summaries.find(summary => summary !== undefined)?.unit ?? null;
    return STATISTICS.map(([key, title]) => {
      const values = summaries.map(summary => summary?.[key]);
      return { name: `${name} ${title}`, unit, direction, cells: numberCells(values, direction) };
    });
  });
}

function numberCells(
  values: readonly (number | undefined)[],
  direction: MetricDeclaration['direction'],
): Row['cells'] {
  const best = bestIndices(values, direction);
  return values.map((value, index) => ({
    ...cell(value, value === undefined ? '' : formatNumber(value)),
    best: best.has(index),
  }));
}

/** None where experiments disagree, as those of different versions of a stage may. */
function commonDirection(summaries: readonly (MetricSummary | undefined)[]): MetricDeclaration['direction'] {
  const [direction, ...others] = new Set(summaries.flatMap(summary => summary?.direction ?? []));
  return direction === undefined || others.length > 0 ? 'none' : direction;
}
