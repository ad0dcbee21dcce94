/** `stages/<id>/stage.json`: the stage's end and its outputs. */
import type { Artifact } from '../../core/artifacts.ts';
import type { RecordedKind } from '../../core/artifacts/named-files.ts';
import type { FileRecord, StageDocument, StageRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import { parseJson } from '../../core/parse-json.ts';
import { printable } from '../../core/printable.ts';
import { isPlainObject } from '../../core/shown.ts';
import { checkSegment } from './ids.ts';
import { stageRecordPath } from './paths.ts';
import { readRegularFile } from '../../storage/read-file.ts';
import type { StageOutputs, StageResults } from '../stored.ts';
import { STAGE_LIMIT } from './record.ts';
import { fromStored } from './read-artifact.ts';
import { toStored } from './stored-artifact.ts';

/** Outputs of a stage. */
interface GivenResults {
  readonly outputs: StageOutputs;
  /** The user's own kinds that its outputs may have. */
  readonly kinds?: Readonly<Record<string, RecordedKind>> | undefined;
  /** Files of the output folder, where known. */
  readonly files: readonly FileRecord[] | undefined;
}

/** The content of stage.json: folders inside the experiment are stored relative to it, others stay absolute. */
export function stageDocument(
  dir: string,
  stage: StageRecord,
  { outputs, kinds = {}, files }: GivenResults,
): StageDocument {
  const stored = Object.entries(outputs).map(([name, artifact]) => [name, toStored(dir, artifact)] as const);
  const given = new Set(Object.values(outputs).map(({ kind }) => kind));
  const own = Object.entries(kinds).filter(([kind]) => given.has(kind));
  return {
    ...stage,
    outputs: Object.fromEntries(stored),
    ...(own.length > 0 && { kinds: Object.fromEntries(own) as NonNullable<StageDocument['kinds']> }),
    ...(files && { files: [...files] }),
  };
}

/**
 * A stage's outputs with absolute folders; none for a stage that has not ended.
 * @throws Failure when stage.json is damaged.
 */
export const readOutputs = (dir: string, stage: string): StageOutputs => readResults(dir, stage).outputs;

/** The same with the files that it wrote. @throws Failure when stage.json is damaged. */
export function readResults(dir: string, stage: string): StageResults {
  checkSegment(stage, 'stage id');
  const path = stageRecordPath(dir, stage);
  const reading = readRegularFile(path, STAGE_LIMIT);
  if ('problem' in reading && reading.problem === 'missing')
    return { outputs: {}, kinds: {}, files: undefined, startedAt: null };
  const results = 'content' in reading ? parseResults(reading.content.toString(), dir) : undefined;
  if (results !== undefined) return results;
  throw new Failure({
    code: 'stage-record-damaged',
    message: `${printable(path)} is not a stage's record`,
    details: 'problem' in reading ? [`Reading it failed: ${reading.problem}.`] : [],
    hint: 'Copy the experiment again from where it came from, or run its pipeline again.',
  });
}

function parseResults(text: string, dir: string): StageResults | undefined {
  const { outputs, kinds, files, startedAt } = (parseJson(text) ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof outputs !== 'object' || outputs === null) return undefined;
  const artifacts: Record<string, Artifact> = {};
  for (const [name, value] of Object.entries(outputs)) {
    const artifact = fromStored(dir, value);
    if (artifact === undefined) return undefined;
    artifacts[name] = artifact;
  }
  return {
    outputs: artifacts,
    kinds: recordedKinds(kinds),
    files: Array.isArray(files) && files.every(isFileRecord) ? files : undefined,
    startedAt: typeof startedAt === 'string' ? startedAt : null,
  };
}

/** The validly declared kinds; a record may come from elsewhere. */
const recordedKinds = (given: unknown): StageResults['kinds'] =>
  isPlainObject(given)
    ? (Object.fromEntries(
        Object.entries(given).filter(([, kind]) => isRecordedKind(kind)),
      ) as StageResults['kinds'])
    : {};

const isRecordedKind = (value: unknown): boolean =>
  isPlainObject(value) &&
  isPlainObject(value['schema']) &&
  [value['files'], value['provenance']].every(
    list => Array.isArray(list) && list.every(item => typeof item === 'string'),
  );

/**
 * True for a valid file entry. Its path has forward slashes on every system; other unusual characters, such as in `a:1.png`, are
 * up to the stage.
 */
function isFileRecord(value: unknown): value is FileRecord {
  const { path, bytes, sha256 } = (value ?? {}) as Partial<FileRecord>;
  if (typeof path !== 'string' || path.includes('\0')) return false;
  return (
    path.split('/').every(part => !['', '.', '..'].includes(part)) &&
    typeof bytes === 'number' &&
    typeof sha256 === 'string'
  );
}
