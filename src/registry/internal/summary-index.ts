/**
 * `experiments/.index`: the summaries of ended experiments, so that a list of thousands need not read every record. It is a cache
 * that may be deleted at any time: entries that do not match a record are read again, and a damaged index, or one of another
 * version, is replaced.
 *
 *     pipe index <version> <byte order> <crc32 of the rest> <bytes of JSON>\n<JSON><float64 numbers>
 */
import { rmSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Failure } from '../../core/failure.ts';
import { parseJson } from '../../core/parse-json.ts';
import { replaceFile } from '../../storage/atomic.ts';
import { readRegularFile } from '../../storage/read-file.ts';
import { stagingFolder, stagingPath } from '../../storage/staging.ts';
import { openColumns, toColumns, type IndexEntry, type SummaryIndex } from './summary-columns.ts';

/** Raised when the format changes. */
const VERSION = 4;

/** Largest index to read, in bytes: it has a few hundred for each experiment. */
const LIMIT = 1 << 30;

const LONGEST_HEADER = 100;

const indexPath = (registry: string) => join(registry, '.index');

/** The index; an empty one where none is usable. */
export function loadIndex(registry: string): SummaryIndex {
  const reading = readRegularFile(indexPath(registry), LIMIT);
  return ('content' in reading ? parse(reading.content) : undefined) ?? (() => undefined);
}

function parse(file: Buffer): SummaryIndex | undefined {
  const end = file.subarray(0, LONGEST_HEADER).indexOf('\n') + 1;
  const head = file.toString('latin1', 0, end);
  const body = file.subarray(end);
  const length = Number(/ (\d+)\n$/.exec(head)?.[1]);
  // The rest is numbers of eight bytes each.
  if (!(length <= body.length) || (body.length - length) % 8 !== 0) return undefined;
  if (head !== header(body, length)) return undefined;
  const from = body.byteOffset + length;
  // A copy, as a Float64Array must be aligned to eight bytes.
  const numbers = new Float64Array(body.buffer.slice(from, body.byteOffset + body.length));
  return openColumns(parseJson(body.toString('utf8', 0, length)), numbers);
}

/** Writes the index, best effort: in a read-only folder the next list reads all records again. */
export function saveIndex(registry: string, entries: readonly IndexEntry[]): void {
  const staging = stagingFolder(registry);
  try {
    replaceFile(indexPath(registry), serialize(entries), () => stagingPath(staging));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function serialize(entries: readonly IndexEntry[]): Buffer {
  const { texts, numbers } = toColumns(entries);
  const json = Buffer.from(JSON.stringify(texts));
  const body = Buffer.concat([json, new Uint8Array(numbers.buffer)]);
  return Buffer.concat([Buffer.from(header(body, json.length)), body]);
}

const header = (body: Uint8Array, length: number) =>
  `pipe index ${VERSION} ${endianness()} ${crc32(body, length)} ${length}\n`;
