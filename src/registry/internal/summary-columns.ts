/**
 * Columnar form of the summaries in the index, with all numbers in one array, so that ten thousand are read with one JSON.parse
 * and one copy. A summary is assembled on demand.
 */
import type { ExperimentSummary, LastMetrics } from '../stored.ts';

export type Summary = Omit<ExperimentSummary, 'id' | 'dir'>;

/** Identifies a version of a record: inode, size, time of modification, time of change. */
export type Stamp = readonly [ino: number, size: number, mtimeMs: number, ctimeMs: number];

export interface IndexEntry {
  readonly id: string;
  readonly stamp: Stamp;
  readonly summary: Summary;
}

/** What metrics are, without their numbers. */
type MetricList = Omit<LastMetrics, 'values' | 'bounds'>;

/** The columns that are stored as JSON. */
export interface TextColumns {
  readonly id: readonly string[];
  readonly status: readonly Summary['status'][];
  readonly pipeline: readonly string[];
  readonly createdAt: readonly string[];
  readonly failure: readonly Summary['failure'][];
  readonly reached: readonly Summary['reached'][];
  /** A position in `lists`. */
  readonly list: readonly number[];
  /** Lists of metrics: most experiments have the same. */
  readonly lists: readonly MetricList[];
}

export interface Columns {
  readonly texts: TextColumns;
  /** For each experiment its stamp, its duration (NaN for none), and its metrics' values and bounds. */
  readonly numbers: Float64Array;
}

const STAMP = 4;
const FIXED = STAMP + 1;

export function toColumns(entries: readonly IndexEntry[]): Columns {
  const lists = new Map<string, { position: number; list: MetricList }>();
  const list = entries.map(({ summary: { metrics } }) => {
    const { names, directions, protocols, hasIntervals } = metrics;
    const key = JSON.stringify([names, directions, protocols, hasIntervals]);
    const known = lists.get(key) ?? {
      position: lists.size,
      list: { names, directions, protocols, hasIntervals },
    };
    lists.set(key, known);
    return known.position;
  });
  const column = <K extends keyof Summary>(name: K) => entries.map(({ summary }) => summary[name]);
  const texts = {
    id: entries.map(({ id }) => id),
    status: column('status'),
    pipeline: column('pipeline'),
    createdAt: column('createdAt'),
    failure: column('failure'),
    reached: column('reached'),
    list,
    lists: [...lists.values()].map(known => known.list),
  };
  const numbers = entries.flatMap(({ stamp, summary: { ms, metrics } }) => [
    ...stamp,
    ms ?? NaN,
    ...metrics.values,
    ...metrics.bounds,
  ]);
  return { texts, numbers: Float64Array.from(numbers) };
}

/** Summaries by id, each returned only for the record from which it was made. */
export type SummaryIndex = (id: string, stamp: Stamp) => Summary | undefined;

/** Numbers of an experiment with these metrics: a value each, and two bounds where there are intervals. */
const numbersOf = (list: MetricList | undefined): number =>
  list === undefined ? NaN : list.names.length * (list.hasIntervals ? 3 : 1);

/** Opens columns; undefined if they are invalid or do not match. */
export function openColumns(texts: unknown, numbers: Float64Array): SummaryIndex | undefined {
  if (!areTexts(texts)) return undefined;
  const { id: ids, list, lists } = texts;
  const rows = new Map<string, number>();
  /** Where the numbers of each row begin. */
  const starts: number[] = [];
  let start = 0;
  for (let row = 0; row < ids.length; row++) {
    rows.set(ids[row] as string, row);
    starts.push(start);
    start += FIXED + numbersOf(lists[list[row] as number]);
  }
  if (start !== numbers.length) return undefined;
  return (id, stamp) => {
    const row = rows.get(id);
    if (row === undefined) return undefined;
    const from = starts[row] as number;
    const isSame = stamp.every((value, index) => value === numbers[from + index]);
    return isSame ? summaryAt({ texts, numbers }, row, from) : undefined;
  };
}

const COLUMNS = ['id', 'status', 'pipeline', 'createdAt', 'failure', 'reached', 'list'] as const;

function areTexts(value: unknown): value is TextColumns {
  const texts = (value ?? {}) as Partial<Record<keyof TextColumns, unknown>>;
  const { id, lists } = texts;
  const isColumn = (column: unknown) =>
    Array.isArray(column) && Array.isArray(id) && column.length === id.length;
  return COLUMNS.every(name => isColumn(texts[name])) && Array.isArray(lists) && lists.every(isList);
}

function isList(value: unknown): boolean {
  const { names, directions, protocols } = (value ?? {}) as Partial<Record<keyof LastMetrics, unknown>>;
  const isColumn = (column: unknown) =>
    Array.isArray(column) && Array.isArray(names) && column.length === names.length;
  return isColumn(names) && isColumn(directions) && isColumn(protocols);
}

function summaryAt({ texts, numbers }: Columns, row: number, start: number): Summary {
  const list = texts.lists[texts.list[row] as number] as MetricList;
  const ms = numbers[start + STAMP] as number;
  const from = start + FIXED;
  const to = from + list.names.length;
  return {
    status: texts.status[row] as Summary['status'],
    pipeline: texts.pipeline[row] as string,
    createdAt: texts.createdAt[row] as string,
    ms: Number.isNaN(ms) ? null : ms,
    metrics: {
      ...list,
      values: numbers.subarray(from, to),
      bounds: numbers.subarray(to, from + numbersOf(list)),
    },
    failure: texts.failure[row] as Summary['failure'],
    reached: texts.reached[row] as Summary['reached'],
  };
}
