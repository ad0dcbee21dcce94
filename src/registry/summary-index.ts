/**
 * `experiments/.index`: the summaries of the experiments that have ended, so that a list of thousands need not read every
 * record. It is a cache: it may be deleted at any time, what does not match a record is read anew, and what is damaged, by
 * its checksum, is made anew.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Failure } from '../core/failure.ts';
import { decodeNumber, encodeNumber, type EncodedNumber } from '../core/numbers.ts';
import { replaceFile } from './atomic.ts';
import { stagingFolder } from './staging.ts';
import { errorCode } from './storage-failure.ts';
import type { ExperimentSummary } from './types.ts';

export interface IndexEntry {
  /** Which version of the record it was made from. */
  readonly stamp: string;
  readonly summary: Omit<ExperimentSummary, 'id' | 'dir'>;
}

/** By id. */
export type Index = Map<string, IndexEntry>;

/** Raised when the format changes: an index of another version is made anew. */
const VERSION = 1;

type Direction = ExperimentSummary['metrics'][string]['direction'];

/** On disk a metric is a number in a list: most experiments have the same names. */
interface StoredIndex {
  readonly names: readonly (readonly [string, Direction])[];
  readonly entries: readonly (readonly [
    id: string,
    stamp: string,
    summary: Omit<IndexEntry['summary'], 'metrics'>,
    /** A name's position, then the last value, for each metric in turn. */
    metrics: readonly EncodedNumber[],
  ])[];
}

const indexPath = (registry: string) => join(registry, '.index');

/** The index; empty when there is none that can be used. */
export function loadIndex(registry: string): Index {
  let text: string;
  try {
    text = readFileSync(indexPath(registry), 'utf8');
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return new Map();
  }
  const body = text.slice(text.indexOf('\n') + 1);
  if (text !== withHeader(body)) return new Map();
  return decode(JSON.parse(body) as StoredIndex);
}

/** Writes the index. Where that is not possible, as in a read-only folder, the next list takes its time again. */
export function saveIndex(registry: string, index: Index): void {
  const staging = stagingFolder(registry);
  try {
    replaceFile(indexPath(registry), withHeader(JSON.stringify(encode(index))), staging);
    rmSync(staging, { recursive: true, force: true });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

const withHeader = (body: string) => `pipe index ${VERSION} ${crc32(body)}\n${body}`;

function encode(index: Index): StoredIndex {
  const positions = new Map<string, number>();
  const names: [string, Direction][] = [];
  const entries = [...index].map(([id, { stamp, summary }]) => {
    const { metrics, ...others } = summary;
    const values = Object.entries(metrics).flatMap(([name, { last, direction }]) => {
      const key = `${direction} ${name}`;
      const position = positions.get(key) ?? names.push([name, direction]) - 1;
      positions.set(key, position);
      return [position, encodeNumber(last)];
    });
    return [id, stamp, others, values] as const;
  });
  return { names, entries };
}

function decode({ names, entries }: StoredIndex): Index {
  return new Map(
    entries.map(([id, stamp, summary, values]) => [
      id,
      { stamp, summary: { ...summary, metrics: decodeMetrics(names, values) } },
    ]),
  );
}

function decodeMetrics(
  names: StoredIndex['names'],
  values: readonly EncodedNumber[],
): ExperimentSummary['metrics'] {
  const metrics: Record<string, ExperimentSummary['metrics'][string]> = {};
  for (let index = 0; index < values.length; index += 2) {
    const [name, direction] = names[values[index] as number] as [string, Direction];
    metrics[name] = { last: decodeNumber(values[index + 1]) ?? NaN, direction };
  }
  return metrics;
}
