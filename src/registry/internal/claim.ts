/**
 * Claim of a number: the whole experiment, record included, is made in the staging folder and renamed to `exp-N`.
 *
 * The number is reserved first, permanently (see numbers.ts). rename(2) of a folder fails on Linux and macOS if the target is a
 * non-empty folder, a file or a link: such a target stays, the claim continues with the next number, and `exp-N` is never seen
 * incomplete.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXPERIMENT_SCHEMA_VERSION, type ExperimentRecord } from '../../core/experiment.ts';
import { redactCommand } from '../../core/redact.ts';
import { sha256 } from '../../core/sha256.ts';
import { currentProcess } from '../../host/process-identity.ts';
import { syncFolder, writeDurably } from '../../storage/atomic.ts';
import { Attempt } from './attempt.ts';
import { writeGitignore } from './gitignore.ts';
import { experimentId } from './ids.ts';
import { makeFolders } from '../../storage/make-folders.ts';
import { move } from '../../storage/move.ts';
import { highestNumber, reserveNumber } from './numbers.ts';
import { artifactsDir, metricsPath, recordPath } from './paths.ts';
import { isInside } from '../../storage/inside.ts';
import { reserveSpace } from './reserve.ts';
import { serializeRecord } from './serialize.ts';
import { stagingPath, sweepStaging } from '../../storage/staging.ts';
import { errorCode, onStorage } from '../../storage/storage-failure.ts';
import { makeTrash } from './trash.ts';
import type { NewExperiment } from '../writing.ts';

const TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

export interface Claim {
  readonly dir: string;
  readonly record: ExperimentRecord;
  readonly attempt: Attempt;
}

/** Claims the next number in a registry's folder, which is created if missing. */
export function claim(registry: string, given: NewExperiment, staging: string): Claim {
  return onStorage('write', registry, () => {
    makeFolders(registry);
    sweepStaging(registry);
    makeTrash(registry);
    // Only with the first experiment: a user may have removed the file.
    if (highestNumber(registry) === 0) writeGitignore(registry);
    try {
      reserveSpace(staging);
      const unfinished = stagingPath(staging);
      fill(unfinished, given);
      return moveIntoPlace(registry, unfinished, given);
    } catch (error) {
      rmSync(staging, { recursive: true, force: true });
      throw error;
    }
  });
}

function fill(dir: string, given: NewExperiment): void {
  makeFolders(artifactsDir(dir));
  mkdirSync(join(dir, 'stages'));
  writeDurably(join(dir, 'pipeline.yaml'), given.givenText);
  writeDurably(join(dir, 'resolved.yaml'), given.resolvedText);
  writeFileSync(metricsPath(dir), '');
  Attempt.prepareClaim(dir);
  writeSources(dir, given.sourceFiles);
}

/** Writes user files into a new folder. */
export function writeSources(dir: string, files: NewExperiment['sourceFiles'] = []): void {
  for (const { path, content } of files) {
    const target = join(dir, path);
    if (!isInside(dir, target)) throw new Error(`${path} leads out of the experiment`);
    makeFolders(dirname(target));
    writeDurably(target, content);
  }
}

function moveIntoPlace(registry: string, unfinished: string, given: NewExperiment): Claim {
  for (let number = highestNumber(registry) + 1; ; number++) {
    if (!reserveNumber(registry, number)) continue;
    const id = experimentId(number);
    const record = newRecord(id, given);
    rmSync(recordPath(unfinished), { force: true });
    writeDurably(recordPath(unfinished), serializeRecord(record));
    const dir = join(registry, id);
    if (tryRename(unfinished, dir)) {
      syncFolder(registry);
      return { dir, record, attempt: new Attempt(dir, 0) };
    }
  }
}

/** Moves a non-empty folder; false when the target exists. */
export function tryRename(from: string, to: string): boolean {
  try {
    move(from, to);
    return true;
  } catch (error) {
    if (TAKEN.has(errorCode(error) ?? '')) return false;
    throw error;
  }
}

function newRecord(id: string, given: NewExperiment): ExperimentRecord {
  return {
    schemaVersion: EXPERIMENT_SCHEMA_VERSION,
    id,
    pipeline: {
      name: given.pipelineName,
      file: given.pipelineFile,
      sha256: sha256(given.givenText),
      resolvedSha256: sha256(given.resolvedText),
    },
    status: 'running',
    seed: given.seed,
    createdAt: new Date().toISOString(),
    endedAt: null,
    ms: null,
    process: { ...currentProcess() },
    parameters: { ...given.parameters },
    stages: given.stages.map(stage => ({
      ...stage,
      status: 'pending',
      startedAt: null,
      ms: null,
      report: null,
      reason: null,
    })),
    metrics: {},
    artifacts: [],
    command: redactCommand(given.command),
    cwd: given.cwd,
    git: given.git,
    ...(given.gitRefused !== undefined && { gitRefused: given.gitRefused }),
    ...(given.source && { source: given.source }),
    environment: given.environment,
    failure: null,
    parent: given.parent,
    ...(given.reproduces !== undefined && { reproduces: given.reproduces }),
    ...(given.sweep && { sweep: given.sweep }),
    ...(given.range && { range: given.range }),
  };
}
