import { unreachable } from '../../core/failure.ts';
import { cut, formatDuration, formatTime, MISSING } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import { alignColumns } from '../../core/align-columns.ts';
import type { Colors } from '../terminal.ts';
import { durationOf, isReadable, statusOf, type Entry, type ListedStatus } from './entry.ts';
import { columnsFor, differingParameters, type ListColumn, type ListColumns } from './columns.ts';
import type { Tags } from './names.ts';
import { outcomesOf } from './outcome.ts';

/** Smallest width of the last column, in characters. */
const LEAST_ROOM = 20;
/** The same where columns of parameters are beside it that nobody asked for. */
const COMFORTABLE_ROOM = 40;
/** Most characters of a pipeline's name, which pipe limits to this length. */
const PIPELINE_WIDTH = 64;
/** Most characters of tags; `pipe tag` has all. */
const TAGS_WIDTH = 30;

export interface ListStyle {
  readonly colors: Colors;
  /** Characters on a line. */
  readonly columns: number;
  /** A metric to name first, with its best value. */
  readonly metric?: string;
  /** Parameters, metrics and facts to show instead of times and outcomes. */
  readonly names?: readonly string[];
  readonly tags: Tags;
}

/**
 * A line per experiment: id, pipeline, status, start, time, tags if any, parameters that differ where there is room for them, and
 * progress or outcome. Below them the protocols of the metrics that are shown.
 */
export function renderList(entries: readonly Entry[], style: ListStyle): string {
  const { names, tags } = style;
  if (names === undefined) return renderOutcomes(entries, style);
  const others = names.filter(name => !FIXED.includes(name));
  return table(entries.map(factsOf), FIXED, columnsFor(others, entries, tags), style);
}

/** The columns that every list begins with. */
const FIXED = ['id', 'pipeline', 'status'];

/** Titles of what `factsOf` returns. */
const FACTS = [...FIXED, 'started', 'time'];

function renderOutcomes(entries: readonly Entry[], style: ListStyle): string {
  const { columns, metric, tags } = style;
  const facts = entries.map(factsOf);
  const fixed = FACTS.map((title, at) => ({ title, texts: facts.map(row => row[at] ?? '') }));
  const tagsOf = ({ id }: Entry) => cut(tags.get(id)?.join(', ') ?? '', TAGS_WIDTH);
  const isTagged = entries.some(({ id }) => tags.has(id));
  const own = isTagged ? [{ title: 'tags', texts: entries.map(tagsOf) }] : [];
  const left = Math.max(LEAST_ROOM, columns - total([...fixed, ...own]));
  const parameters = left > COMFORTABLE_ROOM ? fitting(differing(entries, tags), left) : [];
  const { texts, legend } = outcomesOf(entries, left - total(parameters), metric);
  const shown = [...own, ...parameters, { title: 'outcome', texts }];
  return table(facts, FACTS, { columns: shown, legend }, style);
}

const differing = (entries: readonly Entry[], tags: Tags): readonly ListColumn[] =>
  columnsFor(differingParameters(entries), entries, tags).columns;

const GAP = 2;

const total = (columns: readonly ListColumn[]): number =>
  columns.reduce((sum, column) => sum + widthOf(column), 0);

const widthOf = ({ title, texts }: ListColumn): number =>
  texts.reduce((widest, text) => Math.max(widest, text.length), title.length) + GAP;

/** The first columns beside which the outcome has room. */
function fitting(columns: readonly ListColumn[], room: number): readonly ListColumn[] {
  let left = room - COMFORTABLE_ROOM;
  const end = columns.findIndex(column => (left -= widthOf(column)) < 0);
  return end === -1 ? columns : columns.slice(0, end);
}

/** @param titles Of the first facts, which are shown. */
function table(
  facts: readonly (readonly string[])[],
  titles: readonly string[],
  { columns, legend }: ListColumns,
  { colors }: ListStyle,
): string {
  const rows = facts.map((row, index) => {
    const [id = '', pipeline = '', status = '', ...times] = row.slice(0, titles.length);
    const texts = columns.map(column => column.texts[index] ?? '');
    return [id, pipeline, paintStatus(status as ListedStatus, colors), ...times, ...texts];
  });
  const head = [...titles, ...columns.map(({ title }) => title)].map(colors.bold);
  return alignColumns(
    [head, ...rows, ...legend.map(line => colors.dim(printable(line)))],
    ['left', 'left', 'left', 'left', titles.length > FIXED.length ? 'right' : 'left'],
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
