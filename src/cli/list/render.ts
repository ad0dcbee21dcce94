import { unreachable } from '../../core/failure.ts';
import { formatDuration, formatTime, MISSING } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import { alignColumns } from '../../core/align-columns.ts';
import type { Colors } from '../terminal.ts';
import { durationOf, isReadable, statusOf, type Entry, type ListedStatus } from './entry.ts';
import { cut, outcomesOf } from './outcome.ts';

/** Smallest width of the last column, in characters. */
const LEAST_ROOM = 20;
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

/**
 * A line per experiment: id, pipeline, status, start, time, tags if any, and progress or outcome. Below them the protocols of the
 * metrics that are shown.
 */
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
  const { texts, legend } = outcomesOf(entries, room, metric);
  const rows = entries.map((entry, index) => {
    const [id = '', pipeline = '', status = '', ...times] = facts[index] as readonly string[];
    return [id, pipeline, paintStatus(status as ListedStatus, colors), ...times, texts[index] ?? ''];
  });
  return alignColumns(
    [[...head, 'outcome'].map(colors.bold), ...rows, ...legend.map(line => colors.dim(printable(line)))],
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
