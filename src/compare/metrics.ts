import type { MetricSummary } from '../core/experiment.ts';
import { formatNumber } from '../core/format.ts';
import { bestOf, isMeasuredHere, type Best } from '../core/metric-best.ts';
import type { MetricDeclaration } from '../core/stage.ts';
import { bestIndices } from './best.ts';
import { cell, type Cell, type ComparedExperiment, type Row } from './table.ts';

/** A row per metric of any experiment: the last value, and for metrics with a direction the best with its step. */
export function metricRows(experiments: readonly ComparedExperiment[]): Row[] {
  const names = new Set(experiments.flatMap(({ record }) => Object.keys(record.metrics)));
  return [...names].map(name => {
    const summaries = experiments.map(({ record }) =>
      Object.hasOwn(record.metrics, name) ? record.metrics[name] : undefined,
    );
    const direction = commonDirection(summaries);
    const unit = summaries.find(summary => summary !== undefined)?.unit ?? null;
    const measured = experiments.map(({ record }, index) => {
      const summary = summaries[index];
      return summary !== undefined && isMeasuredHere(summary, record) ? summary : undefined;
    });
    const bests = measured.map(summary => summary && bestOf(summary, direction));
    const starred = bestIndices(
      bests.map(best => best?.value),
      direction,
    );
    const cells = summaries.map((summary, index) =>
      summary !== undefined && measured[index] === undefined
        ? { value: undefined, text: 'reused', best: false }
        : metricCell(summary, bests[index], starred.has(index)),
    );
    return { name, unit, direction, cells };
  });
}

function metricCell(summary: MetricSummary | undefined, extreme: Best | undefined, best: boolean): Cell {
  if (summary === undefined) return cell(undefined, '');
  const last = formatNumber(summary.last);
  if (extreme === undefined) return cell(summary.last, last);
  const { value, step } = extreme;
  const at = step === undefined ? '' : ` at ${step}`;
  const words = formatNumber(value) === last && at === '' ? '' : `, best ${formatNumber(value)}${at}`;
  return { value: summary.last, text: `${last}${words}`, best, extreme };
}

/** The direction that all experiments share; `none` where they differ, as with different versions of a stage. */
function commonDirection(summaries: readonly (MetricSummary | undefined)[]): MetricDeclaration['direction'] {
  const [direction, ...others] = new Set(summaries.flatMap(summary => summary?.direction ?? []));
  return direction === undefined || others.length > 0 ? 'none' : direction;
}
