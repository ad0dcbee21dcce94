import { constants } from 'node:os';
import { Failure } from '../../core/failure.ts';
import { thrownMessage } from '../../core/thrown.ts';
import { placeOf, userFrame } from '../../host/user-frame.ts';
import { openRegistry } from '../../registry/index.ts';
import type { RunEnd } from './child.ts';

/** Message about the end of a run's process, and the exit code. */
export interface Conclusion {
  readonly exitCode: number;
  /** Null for a process that ended by itself and reported everything. */
  readonly failure: Failure | null;
  /** False where the end of the experiment could not be recorded. */
  readonly isRecorded: boolean;
}

const ASKING = new Set<unknown>(['SIGINT', 'SIGTERM', 'SIGHUP']);

/** Records the end of an experiment whose process could not, and returns what happened. */
export async function concludeRun(end: RunEnd, cwd: string): Promise<Conclusion> {
  if (end.done !== undefined) return { exitCode: end.done, failure: null, isRecorded: true };
  const isStopped = end.stops > 0 ? end.signal !== null && end.left === undefined : ASKING.has(end.signal);
  const exitCode = isStopped ? 130 : exitCodeOf(end);
  // Ctrl-C reaches the child through the terminal, and ends it before it listens.
  if (end.experiment === undefined && ASKING.has(end.signal))
    return { exitCode, failure: notBegun(), isRecorded: true };
  const failureOf = (stage: string | null) => (isStopped ? forced(stage) : explain(end, stage, cwd));
  if (end.experiment === undefined || end.isClosed)
    return { exitCode, failure: failureOf(null), isRecorded: true };
  const { registry, id } = end.experiment;
  const { stage, problem } = await openRegistry(registry)
    .closeDead(id, {
      pid: end.pid,
      status: isStopped ? 'interrupted' : 'failed',
      failure: at => (isStopped ? null : recorded(failureOf(at), at)),
    })
    .then(
      closed => ({ stage: closed, problem: [] }),
      // The message is shown anyway; readers see that the process is gone.
      (error: unknown) => ({ stage: null, problem: [`it could not be recorded: ${thrownMessage(error)}`] }),
    );
  const { code, message, details, hint } = failureOf(stage);
  const next = `pipe resume ${id}`;
  return {
    exitCode,
    isRecorded: problem.length === 0,
    failure: new Failure({
      code,
      message,
      details: [...details, ...problem],
      hint: hint === undefined ? next : `${hint}; then ${next}`,
    }),
  };
}

/** The shell's exit code for a signal; else 1, as a stage must not choose an exit code of pipe. */
const exitCodeOf = ({ signal }: RunEnd): number => (signal === null ? 1 : 128 + constants.signals[signal]);

function recorded({ code, message, details, hint }: Failure, stage: string | null) {
  return { stage, code, message: [message, ...details].join('\n'), hint: hint ?? null };
}

const forced = (stage: string | null): Failure =>
  new Failure({
    code: 'ended-by-force',
    exitCode: 130,
    message: `${subject(stage)} did not stop, so its process was ended`,
  });

const notBegun = (): Failure =>
  new Failure({
    code: 'interrupted',
    exitCode: 130,
    message: 'interrupted before anything ran: nothing was written',
  });

const subject = (stage: string | null): string => (stage === null ? 'the run' : `stage "${stage}"`);

function explain({ signal, exitCode, left }: RunEnd, stage: string | null, cwd: string): Failure {
  const code = 'process-ended';
  const during = stage === null ? '' : ` while stage "${stage}" ran`;
  if (signal === null) {
    // Without a call, an uncaught error ended the process, and Node has printed it.
    const isAsked = left !== undefined && /process\.exit\b/.test(left.stack);
    const frame = isAsked ? userFrame(left.stack, cwd) : undefined;
    const how = isAsked ? `by process.exit(${left.exitCode})` : `with exit code ${exitCode}`;
    const where = frame === undefined ? '' : ` at ${placeOf(frame)}`;
    return new Failure({
      code,
      message: `${subject(stage)} ended the process ${how}${where}`,
      hint:
        stage === null ? 'a stage’s file must not end the process' : 'a stage returns its outputs, or throws',
    });
  }
  if (signal === 'SIGKILL')
    return new Failure({
      code,
      message: `the process was killed (SIGKILL)${during}`,
      details: ['by a user, or by the system when memory ran out: see its log (journalctl -k)'],
    });
  return new Failure({
    code,
    message: `the process was ended by ${signal}${during}`,
    details: ['native code such as TensorFlow failed, or memory ran out; what it printed is above'],
  });
}
