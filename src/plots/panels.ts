/** The panels of a figure: which metrics are drawn together, in which colors. */
import { groupedBy } from '../core/grouped-by.ts';
import type { ExperimentRecord, MetricSummary } from '../core/experiment.ts';
import { isMeasuredHere } from '../core/metric-best.ts';
import { protocolMarks } from '../core/protocol.ts';
import { quantityOf, type Quantity } from './groups.ts';
import { Series } from './series.ts';
import type { PlottedExperiment } from './source.ts';
import { lineClasses, MOST_LINES } from './theme.ts';

/** Most metrics drawn of an experiment. */
const MOST_METRICS = 64;

/** A metric of an experiment. */
export interface Line {
  /** Index of the experiment. */
  readonly experiment: number;
  /** The metric's name, or the experiment's. */
  readonly label: string;
  /** In the record. */
  readonly name: string;
  readonly summary: MetricSummary;
  readonly series: Series;
  /** Classes of its marks. */
  readonly classes: string;
}

export interface Panel {
  readonly title: string;
  readonly unit: string | null;
  readonly protocol: string | undefined;
  /** The mark of the protocol, such as `(a)`, which a note explains; empty for none. */
  readonly mark: string;
  readonly lines: readonly Line[];
  /** The stage whose steps it has: its panels share the extent of their steps. */
  readonly stage: string;
  /** What its steps count. */
  readonly stepUnit: string;
  /** False for metrics that have one point each. */
  readonly isPlotted: boolean;
  /** A speed or duration, shown last. */
  readonly isTime: boolean;
}

export interface Panels {
  readonly panels: readonly Panel[];
  /** Metrics left out beyond the most that are drawn. */
  readonly omitted: number;
}

/** @param count Number of metrics that are drawn at most. */
export function panelsOf(experiments: readonly PlottedExperiment[], count = MOST_METRICS): Panels {
  const metrics = experiments.map(({ record }) => metricsOf(record));
  const drawn = metrics.map(each => each.slice(0, count));
  const isAlone = experiments.length === 1;
  const entries = drawn.flatMap((each, experiment) =>
    each.map(([name, summary]) => ({ name, summary, experiment, record: recordOf(experiments, experiment) })),
  );
  const panels = isAlone ? quantityPanels(entries) : metricPanels(entries);
  return {
    panels: withMarks([...panels].sort((a, b) => rank(a) - rank(b))),
    omitted: Math.max(...metrics.map(each => each.length - count), 0),
  };
}

function withMarks(panels: readonly Panel[]): readonly Panel[] {
  const marks = protocolMarks(panels.map(({ protocol }) => protocol));
  return panels.map(panel => ({ ...panel, mark: marks.get(panel.protocol ?? '') ?? '' }));
}

/** Curves, numbers, times: each begins a row of its own. */
export const rank = ({ isPlotted, isTime }: Panel): number => (isTime ? 2 : isPlotted ? 0 : 1);

const recordOf = (experiments: readonly PlottedExperiment[], index: number): ExperimentRecord =>
  (experiments[index] as PlottedExperiment).record;

const metricsOf = (record: ExperimentRecord): readonly (readonly [string, MetricSummary])[] =>
  Object.entries(record.metrics).filter(([, summary]) => isMeasuredHere(summary, record));

interface Entry {
  readonly name: string;
  readonly summary: MetricSummary;
  readonly experiment: number;
  readonly record: ExperimentRecord;
}

/** Panels of one experiment: a quantity each, and one of all numbers of a stage and protocol. */
function quantityPanels(entries: readonly Entry[]): readonly Panel[] {
  const colors = new Colors(entries);
  const groups = grouped(entries, ({ name, summary }) => [quantityOf(name).name, ...kindOf(summary)]);
  const numbers = groups.filter(isNumbers);
  const curves = groups.filter(group => !isNumbers(group));
  curves.sort((a, b) => Number(ofPictures(a)) - Number(ofPictures(b)));
  return [
    ...curves.map(group => panelOf(group, titleOf(group), linesOf(group, colors))),
    ...grouped(numbers.flat(), ({ summary }) => [summary.stage, summary.protocol]).map(group =>
      panelOf(group, group[0]?.summary.stage ?? '', linesOf(group, colors)),
    ),
  ];
}

/** True for losses on real and fake pictures, of which others are the mean. */
const ofPictures = ([first]: readonly Entry[]): boolean =>
  first !== undefined && quantityOf(first.name).isOfPictures;

function titleOf(group: readonly Entry[]): string {
  const [{ name }] = group as readonly [Entry];
  return group.length === 1 ? name : quantityOf(name).name;
}

function linesOf(group: readonly Entry[], colors: Colors): readonly Line[] {
  const taken = new Set<number>();
  return group.map(entry => lineOf(entry, entry.name, colors.of(entry.name, taken)));
}

/** Panels of several experiments: a metric each, a color for each experiment. */
const metricPanels = (entries: readonly Entry[]): readonly Panel[] =>
  grouped(entries, ({ name, summary }) => [name, ...kindOf(summary)]).map(group => {
    const [{ name }] = group as readonly [Entry];
    const lines = group.map(entry => lineOf(entry, entry.record.id, entry.experiment));
    return panelOf(group, name, lines);
  });

function panelOf(group: readonly Entry[], title: string, lines: readonly Line[]): Panel {
  const [{ summary, record }] = group as readonly [Entry];
  return {
    title,
    unit: isNumbers(group) && group.length > 1 ? null : summary.unit,
    lines,
    protocol: summary.protocol,
    mark: '',
    stage: summary.stage,
    stepUnit: stepUnit(summary, record),
    isPlotted: !isNumbers(group),
    isTime: summary.measuresTime === true,
  };
}

const lineOf = ({ name, summary, experiment }: Entry, label: string, color: number): Line => ({
  experiment,
  label,
  name,
  summary,
  series: new Series(),
  classes: lineClasses(color),
});

/** What metrics of one panel have in common. */
const kindOf = ({ stage, unit, protocol, measuresTime }: MetricSummary): readonly unknown[] => [
  stage,
  unit,
  protocol,
  measuresTime === true,
];

const isNumbers = (group: readonly Entry[]): boolean => group.every(({ summary }) => summary.count <= 1);

/** The unit of a stage's progress, where it is one that steps count. */
function stepUnit({ stage }: MetricSummary, { stages }: ExperimentRecord): string {
  const unit = stages.find(({ id }) => id === stage)?.progress?.unit;
  return unit === 'iterations' || unit === 'epochs' ? unit : 'steps';
}

/** Groups of equal keys, in the order of their first members. */
const grouped = <T>(
  values: readonly T[],
  keyOf: (value: T) => readonly unknown[],
): readonly (readonly T[])[] => [...groupedBy(values, value => JSON.stringify(keyOf(value))).values()];

/** Colors by what is measured: the same for `val_loss` and `val_accuracy`. */
class Colors {
  readonly #indices = new Map<string, number>();

  /** What is of pictures comes last: `d_loss` and `g_loss` get the two that are told apart best. */
  constructor(entries: readonly Entry[]) {
    const quantities = entries.map(({ name }) => quantityOf(name));
    const [others, ofPictures] = [
      quantities.filter(each => !isOfPictures(each)),
      quantities.filter(isOfPictures),
    ];
    const all = new Set([...others, ...ofPictures].map(({ of }) => of));
    all.delete('');
    // `loss` beside `val_loss` has a color of its own; without any such pair the first one is free.
    const isPlainBeside = quantities.some(
      ({ name, of }) => of === '' && quantities.some(other => other.name === name && other.of !== ''),
    );
    for (const of of all) this.#indices.set(of, this.#indices.size + (isPlainBeside ? 1 : 0));
  }

  /** @param taken Colors of the panel so far. */
  of(name: string, taken: Set<number>): number {
    let index = (this.#indices.get(quantityOf(name).of) ?? 0) % MOST_LINES;
    while (taken.has(index) && taken.size < MOST_LINES) index = (index + 1) % MOST_LINES;
    taken.add(index);
    return index;
  }
}

const isOfPictures = (quantity: Quantity): boolean => quantity.isOfPictures;
