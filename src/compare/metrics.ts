import type { MetricSummary } from '../core/experiment.ts';
import { formatEstimate, formatNumber } from '../core/format.ts';
import { bestOf, isMeasuredHere, type Best } from '../core/metric-best.ts';
import type { MetricDeclaration } from '../core/stage.ts';
import { bestIndices } from './best.ts';
import type { MetricGroup } from './metric-groups.ts';
import { cell, type Cell, type ComparedExperiment, type Row } from './table.ts';

/**
 * A row per metric and protocol of any experiment: the last value with its interval, and for metrics with a direction the best with
 * its step.
 */
export const metricRows = (
  experiments: readonly ComparedExperiment[],
  groups: readonly MetricGroup[],
): Row[] => groups.map(group => metricRow(experiments, group));

function metricRow(
  experiments: readonly ComparedExperiment[],
  { name, protocol, summaries }: MetricGroup,
): Row {
  const direction = commonDirection(summaries);
  const unit = summaries.find(summary => summary !== undefined)?.unit ?? null;
  const measured = experiments.map(({ record }, index) => {
    const summary = summaries[index];
    return summary !== undefined && isMeasuredHere(summary, record) ? summary : undefined;
  });
  const bests = measured.map(summary => summary && bestOf(summary, direction));
  const starred = bestIndices(bests, direction);
  const cells = summaries.map((summary, index) =>
    summary !== undefined && measured[index] === undefined
      ? { value: undefined, text: 'reused', best: false }
      : metricCell(summary, bests[index], starred.has(index)),
  );
  return { name, unit, direction, cells, ...(protocol !== undefined && { protocol }) };
}

function metricCell(summary: MetricSummary | undefined, extreme: Best | undefined, best: boolean): Cell {
  if (summary === undefined) return cell(undefined, '');
  const { last, interval } = summary;
  const text = formatEstimate(last, interval);
  const shown = { value: last, best, ...(interval !== undefined && { interval }) };
  if (extreme === undefined) return { ...shown, text };
  return { ...shown, text: `${text}${bestWords(summary, extreme)}`, extreme };
}

/** `, best 0.8750 at 7`; nothing where the last value is all that there is to tell. */
function bestWords({ count, last }: MetricSummary, { value, step }: Best): string {
  const isAlike = formatNumber(value) === formatNumber(last);
  if (count === 1 || (isAlike && step === undefined)) return '';
  return `, best ${formatNumber(value)}${step === undefined ? '' : ` at ${step}`}`;
}

/** The direction that all experiments share; `none` where they differ, as with different versions of a stage. */
export function commonDirection(
  summaries: readonly (MetricSummary | undefined)[],
): MetricDeclaration['direction'] {
  const [direction, ...others] = new Set(summaries.flatMap(summary => summary?.direction ?? []));
  return direction === undefined || others.length > 0 ? 'none' : direction;
}
