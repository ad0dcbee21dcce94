/** The last column of `pipe list`. */
import { formatEstimate, formatNumber, MISSING } from '../../core/format.ts';
import type { Interval } from '../../core/interval.ts';
import { printable } from '../../core/printable.ts';
import { protocolLegend, protocolMarks } from '../../core/protocol.ts';
import type { ExperimentSummary, LastMetrics } from '../../registry/index.ts';
import { isReadable, type Entry } from './entry.ts';

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
 * @param first A metric to name first.
 */
export function outcomesOf(entries: readonly Entry[], room: number, first: string | undefined): Outcomes {
  const choose = chooser(first);
  const marks = protocolMarks(
    entries
      .filter(isReadable)
      .flatMap(({ metrics }) => choose(metrics.names).map(({ at }) => protocolAt(metrics, at))),
  );
  const metricsOf = (metrics: LastMetrics): readonly Part[] =>
    choose(metrics.names).map(({ label, at }) => {
      const protocol = protocolAt(metrics, at);
      const mark = protocol === undefined ? '' : ` ${marks.get(protocol) ?? ''}`;
      const value = metrics.values[at] as number;
      const text = `${label}${mark} ${formatEstimate(value, intervalAt(metrics, at))}`;
      return { text, short: `${label}${mark} ${formatNumber(value)}`, protocol };
    });
  const fitted = entries.map(entry => fit(partsOf(entry, metricsOf), room));
  const shown = new Set(fitted.flatMap(parts => parts.map(({ protocol }) => protocol)));
  return {
    texts: fitted.map(parts => parts.map(({ text }) => text).join('  ') || MISSING),
    legend: protocolLegend(new Map([...marks].filter(([protocol]) => shown.has(protocol)))),
  };
}

/** In order of importance; those that fit are shown. */
function partsOf(entry: Entry, metricsOf: (metrics: LastMetrics) => readonly Part[]): readonly Part[] {
  if (!isReadable(entry)) return [{ text: printable(`it ${entry.problem}`) }];
  const parts = metricsOf(entry.metrics);
  return entry.status === 'finished' ? parts : [{ text: printable(whereOf(entry)) }, ...parts];
}

interface Chosen {
  readonly label: string;
  /** Its position among the names. */
  readonly at: number;
}

/** The first metrics, preceded by the requested one. Positions are looked up once for each list of names. */
function chooser(first: string | undefined): (names: readonly string[]) => readonly Chosen[] {
  const known = new Map<readonly string[], readonly Chosen[]>();
  return names => {
    const chosen = known.get(names) ?? choose(names, first);
    known.set(names, chosen);
    return chosen;
  };
}

function choose(names: readonly string[], first: string | undefined): readonly Chosen[] {
  const others = names.filter(name => name !== first);
  const ordered = [...names.filter(name => name === first), ...others];
  return ordered.slice(0, MOST_METRICS).map(name => ({ label: printable(name), at: names.indexOf(name) }));
}

const protocolAt = ({ protocols }: LastMetrics, at: number): string | undefined => protocols[at] ?? undefined;

function intervalAt({ bounds, hasIntervals }: LastMetrics, at: number): Interval | undefined {
  const [low = NaN, high = NaN] = hasIntervals ? bounds.subarray(2 * at, 2 * at + 2) : [];
  return Number.isNaN(low) ? undefined : [low, high];
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

/** The text, cut to so many characters. */
export const cut = (text: string, room: number): string =>
  text.length > room ? `${text.slice(0, room - 1)}…` : text;

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
