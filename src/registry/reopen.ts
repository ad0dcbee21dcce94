/**
 * How a stopped experiment gets a writer again. Each resume has a number of its own: the folder `.resumes/<n>` in the
 * experiment, which holds who it was, made in the staging folder and renamed into place. As for claims, one process wins
 * each number; folders are never removed, so the newest one says who has the experiment.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentRecord, ShownStatus } from '../core/experiment.ts';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { redactCommand } from '../core/redact.ts';
import { currentProcess, liveness, type ProcessIdentity } from '../host/process-identity.ts';
import { writeDurably } from './atomic.ts';
import { tryRename, type Claim } from './claim.ts';
import { readExperiment } from './find.ts';
import { recordPath } from './paths.ts';
import { stagingPath, sweepStaging } from './staging.ts';
import { errorCode, onStorage } from './storage-failure.ts';
import type { Reopening } from './types.ts';

const FOLDER = '.resumes';

export interface Reopened extends Claim {
  /** Milliseconds that it had run before. */
  readonly ms: number;
  /** Lets other processes resume it. */
  readonly release: () => void;
}

/** Takes over an experiment. @throws Failure when it finished, runs, or another process is resuming it. */
export async function reopen(
  registry: string,
  id: string,
  reopening: Reopening,
  staging: string,
): Promise<Reopened> {
  const { dir, ...before } = await readExperiment(registry, id);
  checkResumable(id, before);
  sweepStaging(registry);
  const release = onStorage('write', dir, () => take(dir, id, staging));
  try {
    // Read again: until this process had the experiment, another one may have.
    const { record, status } = await readExperiment(registry, id);
    checkResumable(id, { record, status });
    const ms = msBefore(dir, record);
    return { dir, release, ms, record: reopened(record, reopening, ms) };
  } catch (error) {
    release();
    throw error;
  }
}

/** @throws Failure for an experiment that finished or runs. */
export function checkResumable(
  id: string,
  { record, status }: { readonly record: ExperimentRecord; readonly status: ShownStatus },
): void {
  if (status === 'running') throw isRunning(id, record.process);
  if (status === 'finished')
    throw new Failure({
      code: 'experiment-finished',
      exitCode: 2,
      message: `${id} is finished`,
      hint: `to go further: pipe resume ${id} --set <stage>.<parameter>=<value>`,
    });
}

function isRunning(id: string, { pid, host }: ProcessIdentity): Failure {
  return new Failure({
    code: 'experiment-running',
    exitCode: 2,
    message: `${id} is still running: process ${pid} on ${printable(host)}`,
    hint: `pipe show ${id} tells how far it is; to resume it, stop that process first`,
  });
}

function newestResume(folder: string): number {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return 0;
  return Math.max(0, ...readdirSync(folder).map(Number).filter(Number.isInteger));
}

/** Wins the next number; answers the function that releases it. */
function take(dir: string, id: string, staging: string): () => void {
  const folder = join(dir, FOLDER);
  makeFolder(folder);
  const unfinished = stagingPath(staging);
  mkdirSync(unfinished);
  writeDurably(join(unfinished, 'process.json'), JSON.stringify(currentProcess()));
  for (;;) {
    const newest = newestResume(folder);
    const owner = newest === 0 ? undefined : ownerOf(join(folder, String(newest)));
    if (owner !== undefined) {
      rmSync(staging, { recursive: true, force: true });
      throw isRunning(id, owner);
    }
    const target = join(folder, String(newest + 1));
    if (tryRename(unfinished, target)) return () => writeFileSync(join(target, 'ended'), '');
  }
}

/** In an experiment that is there: one that is removed at this moment must not come back as an empty folder. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** The process that is resuming the experiment in a folder; undefined when none is. */
export function resumerOf(dir: string): ProcessIdentity | undefined {
  const newest = newestResume(join(dir, FOLDER));
  return newest === 0 ? undefined : ownerOf(join(dir, FOLDER, String(newest)));
}

/** The process that has the experiment by this number; undefined when it has let go or is gone. */
function ownerOf(folder: string): ProcessIdentity | undefined {
  if (statSync(join(folder, 'ended'), { throwIfNoEntry: false }) !== undefined) return undefined;
  const owner = JSON.parse(readFileSync(join(folder, 'process.json'), 'utf8')) as ProcessIdentity;
  return liveness(owner) === 'gone' ? undefined : owner;
}

/** After a crash, until its record was last written. */
function msBefore(dir: string, { ms, createdAt, resumes = [] }: ExperimentRecord): number {
  if (ms !== null) return ms;
  const last = resumes.at(-1) ?? { at: createdAt, ms: 0 };
  return last.ms + Math.max(0, statSync(recordPath(dir)).mtimeMs - Date.parse(last.at));
}

function reopened(before: ExperimentRecord, { kept, command }: Reopening, ms: number): ExperimentRecord {
  const record = { ...before };
  delete record.metricsFile;
  const again = { status: 'pending', report: null, reason: null } as const;
  return {
    ...record,
    status: 'running',
    endedAt: null,
    ms: null,
    failure: null,
    process: { ...currentProcess() },
    stages: record.stages.map(stage => (kept.includes(stage.id) ? stage : { ...stage, ...again })),
    resumes: [
      ...(record.resumes ?? []),
      { at: new Date().toISOString(), ms, command: redactCommand(command) },
    ],
  };
}
