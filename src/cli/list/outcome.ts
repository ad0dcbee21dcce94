/** The last column of `pipe list`. */
import { cut, formatEstimate, formatNumber, MISSING } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import { protocolLegend, protocolMarks } from '../../core/protocol.ts';
import type { ExperimentSummary, ListedMetrics } from '../../registry/index.ts';
import { isReadable, type Entry } from './entry.ts';
import { metricAt, positionOf, type ListedMetric } from './metric.ts';

/** Most metrics of an experiment; `pipe show` has all. */
const MOST_METRICS = 6;

/** A text, a shorter one where it does not fit, and the protocol that its mark stands for. */
interface Part {
  readonly text: string;
  readonly short?: string;
  readonly protocol?: string | undefined;
}

export interface Outcomes {
  /** A text for each entry. */
  readonly texts: readonly string[];
  /** Explanations of the marks in them. */
  readonly legend: readonly string[];
}

/**
 * Outcomes of experiments in at most `room` characters: where each is or why it failed, and its metrics.
 * @param first A metric to name first, with its best value and the step of that.
 */
export function outcomesOf(entries: readonly Entry[], room: number, first: string | undefined): Outcomes {
  const chosen = byList(metrics => choose(metrics, first));
  const marks = protocolMarks(
    entries.filter(isReadable).flatMap(({ metrics }) => chosen(metrics).map(({ protocol }) => protocol)),
  );
  const marked = byList(metrics =>
    chosen(metrics).map(each => ({
      ...each,
      label: `${each.label}${each.protocol === undefined ? '' : ` ${marks.get(each.protocol) ?? ''}`}`,
    })),
  );
  const metricsOf = (metrics: ListedMetrics): readonly Part[] => {
    const { values } = metrics;
    return marked(metrics).map(({ label, at, isFirst, protocol }) =>
      isFirst || metrics.hasIntervals
        ? { ...partOf(label, metricAt(metrics, at), isFirst), protocol }
        : { text: `${label} ${formatNumber(values[at] as number)}`, protocol },
    );
  };
  const fitted = entries.map(entry => fit(partsOf(entry, metricsOf), room));
  const shown = new Set(fitted.flatMap(parts => parts.map(({ protocol }) => protocol)));
  return {
    texts: fitted.map(parts => parts.map(({ text }) => text).join('  ') || MISSING),
    legend: protocolLegend(new Map([...marks].filter(([protocol]) => shown.has(protocol)))),
  };
}

/** In order of importance; those that fit are shown. */
function partsOf(entry: Entry, metricsOf: (metrics: ListedMetrics) => readonly Part[]): readonly Part[] {
  if (!isReadable(entry)) return [{ text: printable(`it ${entry.problem}`) }];
  const parts = metricsOf(entry.metrics);
  return entry.status === 'finished' ? parts : [{ text: printable(whereOf(entry)) }, ...parts];
}

interface Chosen {
  readonly label: string;
  /** Its position among the names. */
  readonly at: number;
  /** True for the requested one. */
  readonly isFirst: boolean;
  readonly protocol: string | undefined;
}

type Choice = (metrics: ListedMetrics) => readonly Chosen[];

/** The same, called once for each list of metrics: thousands of experiments share one. */
function byList(choice: Choice): Choice {
  const known = new Map<readonly string[], readonly Chosen[]>();
  return metrics => {
    const chosen = known.get(metrics.names) ?? choice(metrics);
    known.set(metrics.names, chosen);
    return chosen;
  };
}

/** The first metrics, preceded by the requested one. */
function choose(metrics: ListedMetrics, first: string | undefined): readonly Chosen[] {
  const wanted = first === undefined ? -1 : positionOf(metrics, first);
  const named = metrics.names.map((name, at) => ({
    label: printable(name),
    at,
    isFirst: at === wanted,
    protocol: metrics.protocols[at] ?? undefined,
  }));
  const ordered = [...named.filter(({ isFirst }) => isFirst), ...named.filter(({ isFirst }) => !isFirst)];
  return ordered.slice(0, MOST_METRICS);
}

const partOf = (label: string, metric: ListedMetric, isFirst: boolean): Part =>
  isFirst ? bestPart(label, metric) : lastPart(label, metric);

const lastPart = (label: string, { last, interval }: ListedMetric): Part => ({
  text: `${label} ${formatEstimate(last, interval)}`,
  short: `${label} ${formatNumber(last)}`,
});

/** `d_accuracy best 0.8750 at 7`: what an experiment is sorted by. */
function bestPart(label: string, metric: ListedMetric): Part {
  const { best, last } = metric;
  if (best === undefined || (best.step === undefined && best.value === last)) return lastPart(label, metric);
  const { value, step, interval } = best;
  const at = step === undefined ? '' : ` at ${step}`;
  return {
    text: `${label} best ${formatEstimate(value, interval)}${at}`,
    short: `${label} best ${formatNumber(value)}${at}`,
  };
}

/** `train 1200/3750 iterations`, or the failed stage and its failure. */
function whereOf({ status, failure, reached }: ExperimentSummary): string {
  if (status === 'failed') return [failure?.stage, failure?.message].filter(Boolean).join(': ');
  if (reached === null) return 'after its last stage';
  const { id, progress } = reached;
  if (progress === undefined) return id;
  const total = progress.total === null ? '' : `/${progress.total}`;
  return `${id} ${progress.done}${total} ${progress.unit}`;
}

/** The first parts that fit, at least one, which is cut where it must be. */
function fit(parts: readonly Part[], room: number): readonly Part[] {
  const fitted: Part[] = [];
  let left = room;
  for (const { text, short = text, protocol } of parts) {
    const shown = text.length <= left ? text : short;
    if (shown.length > left && fitted.length > 0) break;
    fitted.push({ text: cut(shown, left), protocol });
    left -= shown.length + 2;
  }
  return fitted;
}
