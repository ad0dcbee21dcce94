import type { MetricSummary } from '../core/experiment.ts';
import { metricName } from '../core/metric-name.ts';
import { groupedBy } from '../core/grouped-by.ts';
import type { ComparedExperiment } from './table.ts';

/** The metrics of experiments that are comparable: one row. */
export interface MetricGroup {
  readonly name: string;
  /** The stage's own name of it, which groups of other protocols share. */
  readonly own: string;
  readonly protocol: string | undefined;
  /** In the order of the experiments. */
  readonly summaries: readonly (MetricSummary | undefined)[];
}

interface Entry {
  readonly index: number;
  /** In the record. */
  readonly name: string;
  readonly own: string;
  readonly summary: MetricSummary;
}

/**
 * Metrics of one name and one protocol belong together, those of a name beside each other. A protocol says more than a stage's id:
 * where there is one, it does not matter which stage measured, unless several of an experiment did.
 */
export function metricGroups(experiments: readonly ComparedExperiment[]): MetricGroup[] {
  const entries = experiments.flatMap(({ record }, index) =>
    Object.entries(record.metrics).map(([name, summary]): Entry => {
      const own = summary.protocol === undefined ? name : metricName(name, summary.stage);
      return { index, name, own, summary };
    }),
  );
  return split(entries, ({ own }) => own)
    .flatMap(each => split(each, ({ summary }) => summary.protocol))
    .flatMap(each => (isUnique(each) ? [each] : split(each, ({ summary }) => summary.stage)))
    .map(each => toGroup(each, experiments.length));
}

const split = (entries: readonly Entry[], keyOf: (entry: Entry) => string | undefined) => [
  ...groupedBy(entries, keyOf).values(),
];

/** True where no experiment has more than one of them. */
const isUnique = (entries: readonly Entry[]): boolean =>
  new Set(entries.map(({ index }) => index)).size === entries.length;

function toGroup(entries: readonly Entry[], experiments: number): MetricGroup {
  const [{ own, summary }] = entries as readonly [Entry];
  const stages = new Set(entries.map(each => each.summary.stage));
  const [name, ...others] = new Set(entries.map(each => each.name));
  // Recorded under several names: the second stage of one pipeline is the only one of another.
  const common = stages.size === 1 ? `${summary.stage}.${own}` : own;
  return {
    name: name === undefined || others.length > 0 ? common : name,
    own,
    protocol: summary.protocol,
    summaries: Array.from(
      { length: experiments },
      (_, index) => entries.find(each => each.index === index)?.summary,
    ),
  };
}
