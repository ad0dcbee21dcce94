import type { ExperimentRecord } from '../../core/experiment.ts';
import { parseJson } from '../../core/parse-json.ts';
import { printable } from '../../core/printable.ts';
import { repairRecord } from './repair-record.ts';
import { readRegularFile } from '../../storage/read-file.ts';
import type { ReadRecord, RecordProblem } from '../stored.ts';

/** The largest experiment.json, in bytes. */
export const LIMIT = 64 * 1024 * 1024;

/** The largest stage.json, in bytes: it has a hash for each file. */
export const STAGE_LIMIT = 256 * 1024 * 1024;

/** Most characters of an error's path. */
const LONGEST_PATH = 100;

/** Most levels of nesting: pipeline files have fewer. */
const DEEPEST = 200;
const TOO_DEEP = 'that is nested far too deeply';

export type RecordReading = ReadRecord | RecordProblem;

/** Reads experiment.json. Returns a problem for anything else; throws only for bugs. */
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
  if (parsed === undefined) return { problem: 'has an experiment.json that is not valid JSON' };
  // Imported on demand: a list that comes from the index needs no validation.
  const { schemaVersion, validateRecord } = await import('./record-validator.ts');
  const { schemaVersion: version } = (parsed ?? {}) as { readonly schemaVersion?: unknown };
  if (typeof version === 'number' && version > schemaVersion)
    return {
      problem: `was written by a newer pipe (schema version ${version})`,
      hint: 'update pipe: git pull && npm ci in its checkout',
    };
  const fault = documentFault(parsed, validateRecord);
  if (fault === TOO_DEEP) return { problem: `has an experiment.json ${fault}` };
  // A second validation would take a third of a list's time: only invalid records are repaired.
  const mended = fault === undefined ? undefined : repairRecord(parsed ?? {}, validateRecord);
  if (fault !== undefined && mended === undefined) return { problem: `has an experiment.json ${fault}` };
  const valid = parsed as ExperimentRecord;
  decodeMetrics(valid);
  delete valid.checksum;
  // A copied folder has the number in its name.
  const record = valid.id === id ? valid : { ...valid, id };
  return { record, ...(mended !== undefined && { mended }) };
}

/** The check of a document, as ajv compiles it. */
type Validate = ((document: unknown) => boolean) & {
  errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null | undefined;
};

/** A reader's objection to a document, as a clause that follows its name; undefined for a valid one. Writers use it as well. */
export function documentFault(parsed: unknown, validate: Validate): string | undefined {
  // No record of pipe is; recursive functions would overflow the stack.
  if (isDeeper(parsed, DEEPEST)) return TOO_DEEP;
  if (validate(parsed)) return undefined;
  const [error] = validate.errors ?? [];
  const where = printable((error?.instancePath || '/').slice(0, LONGEST_PATH));
  return `with ${where} that ${error?.message ?? 'is wrong'}`;
}

function decodeMetrics(record: ExperimentRecord): void {
  for (const summary of Object.values(record.metrics))
    for (const name of ['last', 'min', 'max', 'tailMean'] as const) summary[name] = Number(summary[name]);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  // Without allocating a list of values: every record of a list passes here.
  for (const name in value) if (isDeeper((value as Record<string, unknown>)[name], levels - 1)) return true;
  return false;
}
