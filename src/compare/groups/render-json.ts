import { jsonText } from '../../core/json-text.ts';
import { bestRun, type GroupedMetric, type Sample } from './group-metrics.ts';
import type { GroupComparison } from './compare-groups.ts';
import { verdictText } from './verdict-text.ts';
import { bestMean, clearBest, verdictOn } from './verdict.ts';

/** JSON for scripts: groups with their experiments, and for each metric every run's value, the means and the verdicts. */
export function renderGroupsJson({ keys, groups, metrics, table }: GroupComparison): string {
  const labels = groups.map(({ label }) => label);
  return jsonText({
    groupBy: keys,
    baseline: labels[0],
    groups: groups.map(({ label, by, experiments }) => ({
      label,
      by,
      experiments: experiments.map(({ record }) => record.id),
      seeds: experiments.map(({ record }) => record.seed),
    })),
    metrics: metrics.map(metric => metricDocument(metric, labels)),
    notes: table.notes,
  });
}

function metricDocument(metric: GroupedMetric, labels: readonly string[]): object {
  const { name, unit, direction, protocol, samples } = metric;
  const best = clearBest(metric);
  const told = (against: number | undefined) =>
    against === undefined ? [] : verdicts(metric, labels, against);
  return {
    name,
    unit,
    direction,
    ...(protocol !== undefined && { protocol }),
    groups: samples.map((sample, index) => ({ label: labels[index], ...sampleDocument(sample, direction) })),
    /** The group that is best by more than noise; null where there is none. */
    best: best === undefined ? null : labels[best],
    verdicts: told(0),
    ...(labels.length > 2 && { verdictsAgainstBest: told(bestMean(metric)) }),
  };
}

function sampleDocument(sample: Sample, direction: GroupedMetric['direction']): object {
  const { runs, mean } = sample;
  const values = runs.map(({ value }) => value).filter(value => !Number.isNaN(value));
  const best = bestRun(sample, direction);
  return {
    n: runs.length,
    ...(mean !== undefined && { mean: mean.value, interval: mean.interval }),
    ...(values.length > 0 && { min: Math.min(...values), max: Math.max(...values) }),
    ...(best !== undefined && { best }),
    runs,
  };
}

function verdicts(metric: GroupedMetric, labels: readonly string[], against: number): object[] {
  return labels.flatMap((label, group) => {
    const verdict = group === against ? undefined : verdictOn(metric, group, against);
    if (verdict === undefined) return [];
    const { outcome, gain, relative, isPaired } = verdict;
    return [
      {
        group: label,
        against: labels[against],
        verdict: outcome,
        ...(gain !== undefined && { gain }),
        ...(relative !== undefined && { relative }),
        paired: isPaired,
        text: verdictText(verdict, metric),
      },
    ];
  });
}
