import { unreachable } from '../../core/failure.ts';
import { formatDuration, formatNumber, formatTime, MISSING } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { ExperimentSummary, LastMetrics } from '../../registry/index.ts';
import { alignColumns } from '../../core/align-columns.ts';
import type { Colors } from '../terminal.ts';
import { durationOf, isReadable, statusOf, type Entry, type ListedStatus } from './entry.ts';

/** Smallest width of the last column, in characters. */
const LEAST_ROOM = 20;
/** Most metrics of an experiment; `pipe show` has all. */
const MOST_METRICS = 6;
/** Most characters of a pipeline's name, which pipe limits to this length. */
const PIPELINE_WIDTH = 64;
/** Most characters of tags; `pipe tag` has all. */
const TAGS_WIDTH = 30;

export interface ListStyle {
  readonly colors: Colors;
  /** Characters on a line. */
  readonly columns: number;
  /** A metric to name first. */
  readonly metric?: string;
  /** Tags by experiment id. */
  readonly tags?: ReadonlyMap<string, readonly string[]>;
}

/** A line per experiment: id, pipeline, status, start, time, tags if any, and progress or outcome. */
export function renderList(entries: readonly Entry[], { colors, columns, metric, tags }: ListStyle): string {
  const isTagged = entries.some(({ id }) => tags?.has(id));
  const head = ['id', 'pipeline', 'status', 'started', 'time', ...(isTagged ? ['tags'] : [])];
  const facts = entries.map(entry => [
    ...factsOf(entry),
    ...(isTagged ? [cut(tags?.get(entry.id)?.join(', ') ?? '', TAGS_WIDTH)] : []),
  ]);
  const used = head.map((title, index) =>
    facts.reduce((widest, row) => Math.max(widest, row[index]?.length ?? 0), title.length),
  );
  const room = Math.max(LEAST_ROOM, columns - used.reduce((sum, width) => sum + width + 2, 0));
  const metricsOf = metricWords(metric);
  const rows = entries.map((entry, index) => {
    const [id = '', pipeline = '', status = '', ...times] = facts[index] as readonly string[];
    const outcome = fit(outcomeOf(entry, metricsOf), room);
    return [id, pipeline, paintStatus(status as ListedStatus, colors), ...times, outcome];
  });
  return alignColumns(
    [[...head, 'outcome'].map(colors.bold), ...rows],
    ['left', 'left', 'left', 'left', 'right'],
  );
}

function factsOf(entry: Entry): string[] {
  if (!isReadable(entry)) return [entry.id, MISSING, statusOf(entry), MISSING, MISSING];
  const { id, pipeline, createdAt, status } = entry;
  const duration = durationOf(entry);
  return [
    id,
    cut(printable(pipeline), PIPELINE_WIDTH),
    status,
    printable(formatTime(createdAt)).slice(0, 16),
    duration === undefined ? MISSING : formatDuration(duration),
  ];
}

export function paintStatus(status: ListedStatus, colors: Colors): string {
  switch (status) {
    case 'finished':
      return colors.green(status);
    case 'running':
      return colors.cyan(status);
    case 'interrupted':
      return colors.yellow(status);
    case 'failed':
    case 'crashed':
    case 'unreadable':
      return colors.red(status);
    default:
      return unreachable(status);
  }
}

type MetricWords = (metrics: LastMetrics) => string[];

/** Parts in order of importance; those that fit are shown. */
function outcomeOf(entry: Entry, metricsOf: MetricWords): string[] {
  if (!isReadable(entry)) return [printable(`it ${entry.problem}`)];
  const words = metricsOf(entry.metrics);
  return entry.status === 'finished' ? words : [printable(whereOf(entry)), ...words];
}

/** `g_loss 1.276` for the first metrics, preceded by the requested one. Positions are looked up once for each list of names. */
function metricWords(first: string | undefined): MetricWords {
  const shown = new Map<readonly string[], readonly (readonly [label: string, position: number])[]>();
  const choose = (names: readonly string[]) => {
    const others = names.filter(name => name !== first);
    const chosen =
      names.length === others.length ? names : [...names.filter(name => name === first), ...others];
    return chosen.slice(0, MOST_METRICS).map(name => [printable(name), names.indexOf(name)] as const);
  };
  return ({ names, values }) => {
    const chosen = shown.get(names) ?? choose(names);
    shown.set(names, chosen);
    return chosen.map(([label, position]) => `${label} ${formatNumber(values[position] as number)}`);
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

const cut = (text: string, room: number): string =>
  text.length > room ? `${text.slice(0, room - 1)}…` : text;

function fit(parts: readonly string[], room: number): string {
  const [first = ''] = parts;
  if (first.length > room) return cut(first, room);
  let length = first.length;
  const tooMany = parts.findIndex((part, index) => index > 0 && (length += 2 + part.length) > room);
  const text = parts.slice(0, tooMany === -1 ? parts.length : tooMany).join('  ');
  return text === '' ? MISSING : text;
}
