import { bestOf, isMeasuredHere } from '../../core/metric-best.ts';
import type { MetricDeclaration } from '../../core/stage.ts';
import { metricGroups, type MetricGroup } from '../metric-groups.ts';
import { commonDirection } from '../metrics.ts';
import { meanEstimate, type Estimate } from '../statistics/intervals.ts';
import type { ComparedExperiment } from '../table.ts';
import type { Group } from './group.ts';

/** One experiment's value of a metric: its best one, of a metric without direction the last. */
export interface Run {
  readonly id: string;
  readonly seed: number;
  readonly value: number;
  /** Of a best value, where that was recorded. */
  readonly step?: number;
}

/** A metric of a group's runs. */
export interface Sample {
  /** Those of the group that have the metric. */
  readonly runs: readonly Run[];
  /** Of two runs and more, all of them numbers. */
  readonly mean?: Estimate;
}

/** A metric of one protocol over groups. */
export interface GroupedMetric extends Pick<MetricGroup, 'name' | 'protocol'> {
  readonly unit: string | null;
  readonly direction: MetricDeclaration['direction'];
  /** In the order of the groups. */
  readonly samples: readonly Sample[];
}

/** The metrics of groups: those of different protocols are different metrics. */
export function groupMetrics(groups: readonly Group[]): readonly GroupedMetric[] {
  const experiments = groups.flatMap(group => group.experiments);
  return toGroupedMetrics(metricGroups(experiments), groups, experiments);
}

function toGroupedMetrics(
  metrics: readonly MetricGroup[],
  groups: readonly Group[],
  experiments: readonly ComparedExperiment[],
): readonly GroupedMetric[] {
  return metrics.map(({ name, protocol, summaries }) => {
    const direction = commonDirection(summaries);
    const runs = experiments.map((experiment, index) => runOf(experiment, summaries[index], direction));
    let start = 0;
    const samples = groups.map(group => {
      const own = runs.slice(start, (start += group.experiments.length));
      return toSample(own.filter(run => run !== undefined));
    });
    const unit = summaries.find(summary => summary !== undefined)?.unit ?? null;
    return { name, protocol, unit, direction, samples };
  });
}

/** Undefined where the experiment has not measured it. */
function runOf(
  { record }: ComparedExperiment,
  summary: MetricGroup['summaries'][number],
  direction: MetricDeclaration['direction'],
): Run | undefined {
  if (summary === undefined || !isMeasuredHere(summary, record)) return undefined;
  const { id, seed } = record;
  if (direction === 'none') return { id, seed, value: summary.last };
  const { value, step } = bestOf(summary, direction) ?? { value: NaN };
  return { id, seed, value, ...(step !== undefined && summary.count > 1 && { step }) };
}

function toSample(runs: readonly Run[]): Sample {
  const values = runs.map(({ value }) => value);
  return values.length > 1 && values.every(Number.isFinite) ? { runs, mean: meanEstimate(values) } : { runs };
}

/** The run with the best value; undefined without direction, and where none has a number. */
export function bestRun({ runs }: Sample, direction: MetricDeclaration['direction']): Run | undefined {
  if (direction === 'none') return undefined;
  const sign = direction === 'min' ? 1 : -1;
  return runs
    .filter(({ value }) => !Number.isNaN(value))
    .reduce<Run | undefined>(
      (best, run) => (best === undefined || sign * (run.value - best.value) < 0 ? run : best),
      undefined,
    );
}
