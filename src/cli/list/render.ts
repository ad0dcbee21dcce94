import { unreachable } from '../../core/failure.ts';
import { formatDuration, formatNumber, formatTime, MISSING } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { ExperimentSummary } from '../../registry/types.ts';
import { alignColumns } from '../align-columns.ts';
import type { Colors } from '../terminal.ts';
import { durationOf, isReadable, statusOf, type Entry, type ListedStatus } from './entry.ts';

/** The last column has room for this many characters at least. */
const LEAST_ROOM = 20;
/** More are for `pipe show`. */
const MOST_METRICS = 6;
/** Characters of tags; more are for `pipe tag`. */
const TAGS_WIDTH = 30;

export interface ListStyle {
  readonly colors: Colors;
  /** Characters on a line. */
  readonly columns: number;
  /** A metric to name first. */
  readonly metric?: string;
  /** The tags of those experiments that have any, by id. */
  readonly tags?: ReadonlyMap<string, readonly string[]>;
}

/** A line per experiment: id, pipeline, status, start, time, tags if there are any, and how far it is or what came out. */
export function renderList(entries: readonly Entry[], { colors, columns, metric, tags }: ListStyle): string {
  const isTagged = entries.some(({ id }) => tags?.has(id));
  const head = ['id', 'pipeline', 'status', 'started', 'time', ...(isTagged ? ['tags'] : [])];
  const rows = entries.map(entry => [
    ...factsOf(entry),
    ...(isTagged ? [cut(tags?.get(entry.id)?.join(', ') ?? '', TAGS_WIDTH)] : []),
  ]);
  const used = head.map((title, index) =>
    Math.max(title.length, ...rows.map(row => row[index]?.length ?? 0)),
  );
  const room = Math.max(LEAST_ROOM, columns - used.reduce((sum, width) => sum + width + 2, 0));
  const lines = rows.map(([id = '', pipeline = '', status = '', ...times], index) => {
    const entry = entries[index] as Entry;
    const painted = paintStatus(status as ListedStatus, colors);
    return [id, pipeline, painted, ...times, fit(outcomeOf(entry, metric), room)];
  });
  return alignColumns(
    [[...head, 'outcome'].map(colors.bold), ...lines],
    ['left', 'left', 'left', 'left', 'right'],
  );
}

function factsOf(entry: Entry): string[] {
  if (!isReadable(entry)) return [entry.id, MISSING, statusOf(entry), MISSING, MISSING];
  const { id, pipeline, createdAt, status } = entry;
  const duration = durationOf(entry);
  return [
    id,
    printable(pipeline),
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

/** Parts in order of importance; as many are shown as fit. */
function outcomeOf(entry: Entry, metric: string | undefined): string[] {
  if (!isReadable(entry)) return [`it ${entry.problem}`];
  const { metrics, status } = entry;
  const names = Object.keys(metrics);
  const ordered = metric === undefined ? names : [metric, ...names.filter(name => name !== metric)];
  const values = ordered.slice(0, MOST_METRICS).flatMap(name => {
    const summary = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
    return summary === undefined ? [] : [`${name} ${formatNumber(summary.last)}`];
  });
  return status === 'finished' ? values : [whereOf(entry), ...values];
}

/** `train 1200/3750 iterations`, or the stage and what it failed of. */
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
  const [first = '', ...others] = parts.map(printable);
  if (first.length > room) return cut(first, room);
  let text = first;
  for (const part of others) {
    if (text.length + 2 + part.length > room) break;
    text += `  ${part}`;
  }
  return text === '' ? MISSING : text;
}
