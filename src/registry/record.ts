import type { ExperimentRecord } from '../core/experiment.ts';
import { parseJson } from '../core/parse-json.ts';
import { serializeChecked } from './checksum.ts';
import { readRegularFile } from './read-file.ts';

/** Larger is no record of ours, in bytes. */
const LIMIT = 64 * 1024 * 1024;

/** experiment.json's text. */
export const serializeRecord = (record: ExperimentRecord): string => serializeChecked(record);

/** A record, or why there is none, in words that go on from “exp-3 ”. */
export type RecordReading = { readonly record: ExperimentRecord } | { readonly problem: string };

/** Reads experiment.json. Whatever is there, this answers; it throws only for bugs. */
export async function readRecord(path: string, id: string): Promise<RecordReading> {
  const reading = readRegularFile(path, LIMIT);
  return 'problem' in reading
    ? { problem: explain(reading.problem) }
    : parseRecord(reading.content.toString(), id);
}

function explain(problem: string): string {
  switch (problem) {
    case 'missing':
      return 'has no experiment.json';
    case 'not-a-file':
      return 'has an experiment.json that is not a file';
    case 'too-large':
      return 'has an experiment.json that is far too large';
    default:
      return `has an experiment.json that cannot be read (${problem})`;
  }
}

async function parseRecord(text: string, id: string): Promise<RecordReading> {
  const parsed = parseJson(text);
  if (parsed === undefined) return { problem: 'has an experiment.json that is not whole JSON' };
  // Loaded when there is something to check: a list that comes from the index does without.
  const { schemaVersion, validateRecord } = await import('./record-validator.ts');
  const { schemaVersion: version } = (parsed ?? {}) as { readonly schemaVersion?: unknown };
  if (typeof version === 'number' && version > schemaVersion)
    return { problem: `was written by a newer pipe (schema version ${version})` };
  if (!validateRecord(parsed)) {
    const [error] = validateRecord.errors ?? [];
    return {
      problem: `has an experiment.json with ${error?.instancePath || '/'} that ${error?.message ?? 'is wrong'}`,
    };
  }
  decodeMetrics(parsed);
  delete parsed.checksum;
  // A folder that was copied under another number goes by that number.
  return { record: parsed.id === id ? parsed : { ...parsed, id } };
}

function decodeMetrics(record: ExperimentRecord): void {
  for (const summary of Object.values(record.metrics))
    for (const name of ['last', 'min', 'max', 'tailMean'] as const) summary[name] = Number(summary[name]);
}
