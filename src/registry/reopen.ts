/**
 * How a stopped experiment gets a writer again. Each resume has a number of its own: the folder `.resumes/<n>` in the
 * experiment, which holds who it was, made in the staging folder and renamed into place. As for claims, one process wins
 * each number, and the newest one says who has the experiment. The winner removes the folders before its own; whoever then
 * takes an old number that has become free sees the newer one and gives way.
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentRecord, ShownStatus } from '../core/experiment.ts';
import { Failure } from '../core/failure.ts';
import type { ResumeOrigin } from '../core/origin.ts';
import { parseJson } from '../core/parse-json.ts';
import { printable } from '../core/printable.ts';
import { redactCommand } from '../core/redact.ts';
import { currentProcess, liveness, type ProcessIdentity } from '../host/process-identity.ts';
import { writeDurably } from './atomic.ts';
import { tryRename, type Claim } from './claim.ts';
import { readExperiment } from './find.ts';
import { namesIn } from './names-in.ts';
import { refuseLinks } from './links.ts';
import { recordPath } from './paths.ts';
import { readRegularFile } from './read-file.ts';
import { reserveSpace } from './reserve.ts';
import { keepOrigin } from './resume-origin.ts';
import { stagingPath, sweepStaging } from './staging.ts';
import { errorCode, onStorage } from './storage-failure.ts';
import type { Reopening } from './types.ts';

const FOLDER = '.resumes';

/** Bytes: more says nothing of a process. */
const LARGEST_OWNER = 10_000;

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
  const { force } = reopening;
  checkResumable(id, before, force);
  refuseLinks(id, dir);
  sweepStaging(registry);
  let release: (() => void) | undefined;
  try {
    release = onStorage('write', dir, () => take(dir, { id, staging, force }));
    onStorage('write', dir, () => {
      reserveSpace(staging);
    });
    // Read again: until this process had the experiment, another one may have.
    const { record, status } = await readExperiment(registry, id);
    checkResumable(id, { record, status }, force);
    const ms = onStorage('read', dir, () => msBefore(dir, record));
    const origin = onStorage('write', dir, () => keepOrigin(dir, record, reopening.origin, staging));
    return { dir, release, ms, record: reopened(record, reopening, ms, origin) };
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    release?.();
    throw error;
  }
}

/** @throws Failure for an experiment that finished or runs; with `force` not for a process that cannot be seen from here. */
export function checkResumable(
  id: string,
  { record, status }: { readonly record: ExperimentRecord; readonly status: ShownStatus },
  force = false,
): void {
  if (status === 'running' && !(force && isUnseen(record.process)))
    throw isRunning(id, record.process, force);
  if (status === 'finished')
    throw new Failure({
      code: 'experiment-finished',
      exitCode: 2,
      message: `${id} is finished`,
      hint: `to go further: pipe resume ${id} --set <stage>.<parameter>=<value>`,
    });
}

const isUnseen = (process: ProcessIdentity): boolean => liveness(process) === 'unknown';

function isRunning(id: string, process: ProcessIdentity, force = false): Failure {
  const { pid, host } = process;
  const about = { code: 'experiment-running', exitCode: 2 } as const;
  const who = `process ${pid} on ${printable(host)}`;
  if (isUnseen(process))
    return new Failure({
      ...about,
      message: `${id} is recorded as running: ${who}`,
      details: [
        'That process cannot be seen from here: it is of another host or container, or hidden from this user.',
        `Were it still at work, two processes would write to ${id} and damage it.`,
      ],
      hint: `only when you are sure that it is gone: pipe resume ${id} --force`,
    });
  return new Failure({
    ...about,
    message: `${id} is still running: ${who}`,
    details: force ? ['It is alive on this host, which --force does not override.'] : [],
    hint: `pipe show ${id} tells how far it is; to resume it, stop that process first`,
  });
}

interface Taking extends Pick<Reopening, 'force'> {
  readonly id: string;
  readonly staging: string;
}

/** Wins the next number; answers the function that releases it. */
function take(dir: string, { id, staging, force = false }: Taking): () => void {
  const folder = join(dir, FOLDER);
  makeFolder(folder);
  const unfinished = stagingPath(staging);
  mkdirSync(unfinished);
  writeDurably(join(unfinished, 'process.json'), JSON.stringify(currentProcess()));
  for (;;) {
    const newest = Math.max(0, ...numbersIn(folder));
    const owner = newest === 0 ? undefined : ownerOf(join(folder, String(newest)));
    if (owner === 'replaced') continue;
    if (owner !== undefined && !(force && isUnseen(owner))) throw isRunning(id, owner, force);
    const target = join(folder, String(newest + 1));
    if (!tryRename(unfinished, target)) continue;
    if (numbersIn(folder).some(number => number > newest + 1)) {
      renameSync(target, unfinished);
      continue;
    }
    for (const number of numbersIn(folder))
      if (number <= newest) rmSync(join(folder, String(number)), { recursive: true, force: true });
    return () => {
      // Gone where another process took the experiment by force.
      if (existsSync(target)) onStorage('write', target, () => writeFileSync(join(target, 'ended'), ''));
    };
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

/** The process that is resuming the experiment in a folder; undefined when none is, or when the folder goes at this moment. */
export function resumerOf(dir: string): ProcessIdentity | undefined {
  const newest = Math.max(0, ...numbersIn(join(dir, FOLDER)));
  const owner = newest === 0 ? undefined : ownerOf(join(dir, FOLDER, String(newest)));
  return owner === 'replaced' ? resumerOf(dir) : owner;
}

const numbersIn = (folder: string): readonly number[] => namesIn(folder).map(Number).filter(Number.isInteger);

/** The process that has the experiment by this number; undefined when it has let go or is gone. */
function ownerOf(folder: string): ProcessIdentity | undefined | 'replaced' {
  if (existsSync(join(folder, 'ended'))) return undefined;
  const path = join(folder, 'process.json');
  const reading = readRegularFile(path, LARGEST_OWNER);
  if ('problem' in reading) {
    if (['missing', 'not-a-file', 'too-large'].includes(reading.problem))
      return existsSync(folder) ? undefined : 'replaced';
    throw new Failure({ code: 'storage', message: `cannot read ${printable(path)} (${reading.problem})` });
  }
  const owner = parseOwner(reading.content.toString());
  return owner === undefined || liveness(owner) === 'gone' ? undefined : owner;
}

/** Undefined for what no process wrote of itself. */
function parseOwner(text: string): ProcessIdentity | undefined {
  const { pid, startTime, host } = (parseJson(text) ?? {}) as Partial<Record<keyof ProcessIdentity, unknown>>;
  if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof host !== 'string') return undefined;
  return { pid, startTime, host };
}

/** After a crash, until its record was last written. */
function msBefore(dir: string, { ms, createdAt, resumes = [] }: ExperimentRecord): number {
  if (ms !== null) return ms;
  const last = resumes.at(-1) ?? { at: createdAt, ms: 0 };
  return last.ms + Math.max(0, statSync(recordPath(dir)).mtimeMs - Date.parse(last.at));
}

function reopened(
  before: ExperimentRecord,
  { kept, command }: Reopening,
  ms: number,
  origin: ResumeOrigin,
): ExperimentRecord {
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
      { at: new Date().toISOString(), ms, command: redactCommand(command), ...origin },
    ],
  };
}
