/**
 * Columnar form of the summaries in the index, with all numbers in one array, so that ten thousand are read with one JSON.parse
 * and one copy. A summary is assembled on demand.
 */
import type { ExperimentSummary } from '../stored.ts';
import { IndexedMetrics, isList, numbersOf, type MetricList } from './summary-metrics.ts';
import {
  IndexedParameters,
  openSet,
  storeParameters,
  type OpenSet,
  type StoredParameters,
} from './summary-parameters.ts';

export type Summary = Omit<ExperimentSummary, 'id' | 'dir'>;

/** Identifies a version of a record: inode, size, time of modification, time of change. */
export type Stamp = readonly [ino: number, size: number, mtimeMs: number, ctimeMs: number];

export interface IndexEntry {
  readonly id: string;
  readonly stamp: Stamp;
  readonly summary: Summary;
}

/** The columns that are stored as JSON. */
export interface TextColumns extends Pick<StoredParameters, 'sets' | 'set' | 'values'> {
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
  /**
   * For each experiment its stamp, duration, seed, sweep, point and repeat (NaN for none), its metrics' values, bounds and best values,
   * and the numbers of its parameters.
   */
  readonly numbers: Float64Array;
}

const STAMP = 4;
const FIXED = STAMP + 5;

const SWEEP = 'sweep-';

export function toColumns(entries: readonly IndexEntry[]): Columns {
  const lists = new Map<string, { position: number; list: MetricList }>();
  const list = entries.map(({ summary: { metrics } }) => {
    const { names, directions, stages, protocols, hasIntervals } = metrics;
    const key = JSON.stringify([names, directions, stages, protocols, hasIntervals]);
    const known = lists.get(key) ?? {
      position: lists.size,
      list: { names, directions, stages, protocols, hasIntervals },
    };
    lists.set(key, known);
    return known.position;
  });
  const parameters = storeParameters(entries.map(({ summary }) => summary.parameters));
  const { sets, set, values } = parameters;
  const column = <K extends keyof Summary>(name: K) => entries.map(({ summary }) => summary[name]);
  const texts = {
    id: entries.map(({ id }) => id),
    status: column('status'),
    pipeline: column('pipeline'),
    createdAt: column('createdAt'),
    failure: column('failure'),
    reached: column('reached'),
    ...{ list, lists: [...lists.values()].map(known => known.list) },
    ...{ set, sets, values },
  };
  const numbers = entries.flatMap(({ stamp, summary: { ms, seed, sweep, metrics } }, index) => [
    ...stamp,
    ms ?? NaN,
    seed,
    ...(sweep === null ? [NaN, NaN, NaN] : [Number(sweep.id.slice(SWEEP.length)), sweep.point, sweep.repeat]),
    ...metrics.values,
    ...metrics.bounds,
    ...metrics.bests,
    ...(parameters.numbers[index] as readonly number[]),
  ]);
  return { texts, numbers: Float64Array.from(numbers) };
}

/** Summaries by id, each returned only for the record from which it was made. */
export type SummaryIndex = (id: string, stamp: Stamp) => Summary | undefined;

/** Opens columns; undefined if they are invalid or do not match. */
export function openColumns(texts: unknown, numbers: Float64Array): SummaryIndex | undefined {
  if (!areTexts(texts)) return undefined;
  const sets = texts.sets.map(openSet);
  if (!sets.every(set => set !== undefined)) return undefined;
  const { id: ids, list, lists } = texts;
  const rows = new Map<string, number>();
  /** Where the numbers of each row begin. */
  const starts: number[] = [];
  let start = 0;
  for (let row = 0; row < ids.length; row++) {
    rows.set(ids[row] as string, row);
    starts.push(start);
    start += FIXED + numbersOf(lists[list[row] as number]) + (sets[texts.set[row] as number]?.size ?? NaN);
  }
  if (start !== numbers.length) return undefined;
  return (id, stamp) => {
    const row = rows.get(id);
    if (row === undefined) return undefined;
    const from = starts[row] as number;
    const isSame = stamp.every((value, index) => value === numbers[from + index]);
    return isSame ? summaryAt({ texts, sets, numbers }, row, from) : undefined;
  };
}

const COLUMNS = ['id', 'status', 'pipeline', 'createdAt', 'failure', 'reached', 'list', 'set'] as const;

function areTexts(value: unknown): value is TextColumns {
  const texts = (value ?? {}) as Partial<Record<keyof TextColumns, unknown>>;
  const { id, lists, sets, values } = texts;
  const isColumn = (column: unknown) =>
    Array.isArray(column) && Array.isArray(id) && column.length === id.length;
  return (
    COLUMNS.every(name => isColumn(texts[name])) &&
    [sets, values].every(Array.isArray) &&
    Array.isArray(lists) &&
    lists.every(isList)
  );
}

interface OpenColumns extends Columns {
  readonly sets: readonly OpenSet[];
}

function summaryAt({ texts, sets, numbers }: OpenColumns, row: number, start: number): Summary {
  const list = texts.lists[texts.list[row] as number] as MetricList;
  const fixed = (at: number) => numbers[start + STAMP + at] as number;
  const [ms, sweep] = [fixed(0), fixed(2)];
  const from = start + FIXED;
  return {
    status: texts.status[row] as Summary['status'],
    pipeline: texts.pipeline[row] as string,
    createdAt: texts.createdAt[row] as string,
    ms: Number.isNaN(ms) ? null : ms,
    seed: fixed(1),
    sweep: Number.isNaN(sweep) ? null : { id: `${SWEEP}${sweep}`, point: fixed(3), repeat: fixed(4) },
    parameters: new IndexedParameters(
      sets[texts.set[row] as number] as OpenSet,
      numbers,
      from + numbersOf(list),
      texts.values,
    ),
    metrics: new IndexedMetrics(list, numbers, from),
    failure: texts.failure[row] as Summary['failure'],
    reached: texts.reached[row] as Summary['reached'],
  };
}
