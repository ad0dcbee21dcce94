/** `stages/<id>/stage.json`: how the stage ended, and what it answered. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { ARTIFACT_KINDS, isWithin, namesIn, type Artifact } from '../../core/artifacts.ts';
import type { FileRecord, StageDocument, StageRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import { parseJson } from '../../core/parse-json.ts';
import { printable } from '../../core/printable.ts';
import { checkSegment } from './ids.ts';
import { stageRecordPath } from './paths.ts';
import { isInside } from '../../storage/inside.ts';
import { readRegularFile } from '../../storage/read-file.ts';

/** Larger is no record of ours, in bytes: it has a hash for each file. */
export const STAGE_LIMIT = 256 * 1024 * 1024;

export type StageOutputs = Readonly<Record<string, Artifact>>;

/**
 * What stage.json holds: a folder inside the experiment is written relative to it, any other stays absolute. `files` are those
 * of the output folder, where they are known.
 */
export function stageDocument(
  dir: string,
  stage: StageRecord,
  outputs: StageOutputs,
  files: readonly FileRecord[] | undefined,
): StageDocument {
  const stored = Object.entries(outputs).map(([name, artifact]) => [name, toStored(dir, artifact)] as const);
  return { ...stage, outputs: Object.fromEntries(stored), ...(files && { files: [...files] }) };
}

/** What stage.json says of what a stage gave. */
export interface StageResults {
  /** With absolute folders. */
  readonly outputs: StageOutputs;
  /** Those of its output folder, by path relative to the experiment; undefined where they were not recorded. */
  readonly files: readonly FileRecord[] | undefined;
  /** Tells one try from another; null also where nothing is recorded. */
  readonly startedAt: string | null;
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
    return { outputs: {}, files: undefined, startedAt: null };
  const results = 'content' in reading ? parseResults(reading.content.toString(), dir) : undefined;
  if (results !== undefined) return results;
  throw new Failure({
    code: 'stage-record-damaged',
    message: `${printable(path)} is not a stage's record`,
    details: 'problem' in reading ? [`What is in the way: ${reading.problem}.`] : [],
    hint: 'Copy the experiment again from where it came from, or run its pipeline again.',
  });
}

function parseResults(text: string, dir: string): StageResults | undefined {
  const { outputs, files, startedAt } = (parseJson(text) ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof outputs !== 'object' || outputs === null) return undefined;
  const artifacts: Record<string, Artifact> = {};
  for (const [name, value] of Object.entries(outputs)) {
    const artifact = fromStored(dir, value);
    if (artifact === undefined) return undefined;
    artifacts[name] = artifact;
  }
  return {
    outputs: artifacts,
    files: Array.isArray(files) && files.every(isFileRecord) ? files : undefined,
    startedAt: typeof startedAt === 'string' ? startedAt : null,
  };
}

/** Its path has forward slashes on every system; what else a name may hold, such as `a:1.png`, is up to the stage. */
function isFileRecord(value: unknown): value is FileRecord {
  const { path, bytes, sha256 } = (value ?? {}) as Partial<FileRecord>;
  if (typeof path !== 'string' || path.includes('\0')) return false;
  return (
    path.split('/').every(part => !['', '.', '..'].includes(part)) &&
    typeof bytes === 'number' &&
    typeof sha256 === 'string'
  );
}

/** An artifact with its folder relative to the experiment, where it lies inside. */
export function toStored(dir: string, artifact: Artifact): Artifact {
  if (!isInside(dir, artifact.dir)) return artifact;
  return { ...artifact, dir: relative(dir, artifact.dir).split(sep).join('/') || '.' };
}

/**
 * The reverse; undefined for what is no artifact, or leads outside. An absolute folder is taken as it is: that of another
 * experiment, or one of a user's own, in which nothing is ever written.
 */
export function fromStored(dir: string, value: unknown): Artifact | undefined {
  if (!isArtifact(value)) return undefined;
  const absolute = resolve(dir, value.dir);
  return isAbsolute(value.dir) || isInside(dir, absolute) ? { ...value, dir: absolute } : undefined;
}

function isArtifact(value: unknown): value is Artifact {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, dir } = value as Partial<Artifact>;
  if (typeof dir !== 'string' || !ARTIFACT_KINDS.some(known => known === kind)) return false;
  return namesIn(value as Artifact).every(isWithin);
}
