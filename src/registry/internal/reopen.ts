/** Reopening of a stopped experiment for writing, and its conditions. */
import { rmSync, statSync } from 'node:fs';
import type { ExperimentRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import type { ResumeOrigin } from '../../core/origin.ts';
import { printable } from '../../core/printable.ts';
import { redactCommand } from '../../core/redact.ts';
import { currentProcess, liveness, type ProcessIdentity } from '../../host/process-identity.ts';
import type { Attempt } from './attempt.ts';
import type { Claim } from './claim.ts';
import { readExperiment } from './find.ts';
import { refuseLinks } from './links.ts';
import { recordPath } from './paths.ts';
import { reserveSpace } from './reserve.ts';
import { keepOrigin } from './resume-origin.ts';
import { sweepStaging } from '../../storage/staging.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import { takeOver } from './take-over.ts';
import type { StoredExperiment } from '../stored.ts';
import type { Reopening } from '../writing.ts';

export interface Reopened extends Claim {
  /** Milliseconds of the previous attempts. */
  readonly ms: number;
}

/** Takes over an experiment. @throws Failure when it has finished, is running, or another process is resuming it. */
export async function reopen(
  registry: string,
  id: string,
  reopening: Reopening,
  staging: string,
): Promise<Reopened> {
  const { dir, ...before } = await readExperiment(registry, id);
  const { force } = reopening;
  checkResumable(before, force);
  refuseLinks(id, dir);
  sweepStaging(registry);
  let attempt: Attempt | undefined;
  try {
    const own = onStorage('write', dir, () =>
      takeOver(dir, staging, owner => {
        if (!(force && isUnseen(owner))) throw isRunning(id, owner, force);
      }),
    );
    attempt = own;
    onStorage('write', dir, () => {
      reserveSpace(staging);
    });
    // Read again: another process may have had the experiment before.
    const { record, status } = await readExperiment(registry, id);
    checkResumable({ id, record, status }, force);
    const ms = onStorage('read', dir, () => msBefore(dir, record, own.previous));
    const origin = onStorage('write', dir, () => keepOrigin(own, record, reopening.origin));
    return { dir, attempt: own, ms, record: reopened(record, reopening, ms, origin) };
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    attempt?.release();
    throw error;
  }
}

/** @throws Failure for a finished or running experiment; `force` accepts a process that is not visible from here. */
export function checkResumable(
  { id, record, status }: Pick<StoredExperiment, 'id' | 'record' | 'status'>,
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
        'That process cannot be seen from here: it is of another machine or container, or hidden from this user.',
        `If it is still running, ${id} is taken from it: it stops, and its work since the last checkpoint is lost.`,
      ],
      hint: `only when you are sure that it is gone: pipe resume ${id} --force`,
    });
  return new Failure({
    ...about,
    message: `${id} is still running: ${who}`,
    details: force ? ['It is alive on this host, which --force does not override.'] : [],
    hint: `pipe show ${id} shows its progress; to resume it, stop that process first`,
  });
}

/**
 * Milliseconds of the previous attempts; after a crash, up to the last write of the record.
 * @param began Start of the previous process, by the clock of the record's file.
 */
export function msBefore(
  dir: string,
  { ms, createdAt, resumes = [] }: ExperimentRecord,
  began: number | undefined,
): number {
  if (ms !== null) return ms;
  const last = resumes.at(-1) ?? { at: createdAt, ms: 0 };
  return last.ms + Math.max(0, statSync(recordPath(dir)).mtimeMs - (began ?? Date.parse(last.at)));
}

/** The end of the previous attempt, as far as known: a process that was taken over by force may come back. */
function previousAttempt({ status, process }: ExperimentRecord): NonNullable<Resume['previous']> {
  const { pid, host } = process;
  if (status !== 'running') return { status: status === 'failed' ? 'failed' : 'interrupted', pid, host };
  return { status: isUnseen(process) ? 'superseded' : 'crashed', pid, host };
}

type Resume = NonNullable<ExperimentRecord['resumes']>[number];

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
      {
        at: new Date().toISOString(),
        ms,
        command: redactCommand(command),
        previous: previousAttempt(before),
        ...origin,
      },
    ],
  };
}
