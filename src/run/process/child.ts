import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../host/paths.ts';
import { isRunEvent, type Observer, type RunEvent } from '../events.ts';
import { STARTER, type Starter, type WatcherMessage } from './watched.ts';

/** Milliseconds that a run has to record its end after it was told to stop at once; then it is killed. */
const GRACE = 4000;

/** Milliseconds in which it has to hear that: its event loop may be blocked for good. */
const DEAF = 1000;

/** Milliseconds after which people are told that a run has not heard yet that it shall stop. */
const SILENT = 1500;

/** The end of a run's process, and the events that it sent before. */
export interface RunEnd {
  readonly pid: number;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** How often it was told to stop. */
  readonly stops: number;
  readonly experiment?: { readonly registry: string; readonly id: string };
  /** The stage that had kept no state before it was told to stop. */
  readonly firstCheckpoint?: string;
  readonly isClosed: boolean;
  /** Its exit code, where it left by its own will. */
  readonly done?: number;
  readonly left?: RunEvent & { type: 'exit-called' };
}

/** A run in a process of its own: training keeps its process busy, and whoever started it must stay responsive. */
export interface RunProcess {
  /** Resolves when the process is gone. */
  readonly ended: Promise<RunEnd>;
  /** Shows a text in the run's display. */
  readonly note: (text: string) => void;
  /** Once: at the next safe point. Twice: at once, by force where words do not help. Three times: by force. */
  readonly stop: () => void;
  /** After it was halted (SIGSTOP). */
  readonly wake: () => void;
}

export interface RunProcessOptions {
  readonly starter: Starter;
  readonly stdin: 'inherit' | 'ignore';
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called when a run has been told to stop and has not heard it. */
  readonly onSilence?: () => void;
  /** Gets every event that the run tells, and what else it prints, a line each. Without it, the run draws on stderr. */
  readonly observe?: Observer | undefined;
}

/** The module that is a run's process. */
const childModule = (): string => join(packageRoot, 'dist', 'cli', 'child.js');

export function startRunProcess(
  args: readonly string[],
  { starter, stdin, cwd, env, onSilence = () => {}, observe }: RunProcessOptions,
): RunProcess {
  const child = fork(childModule(), [...args], {
    cwd,
    env: { ...env, [STARTER]: starter },
    // Whatever writes to its stdout, native code too, writes to stderr: stdout is for data, and a descriptor of its own.
    stdio:
      observe === undefined ? [stdin, 2, 2, 'ipc', 1, 'pipe'] : [stdin, 'pipe', 'pipe', 'ipc', 1, 'pipe'],
    // With NaN and the infinities, which JSON lacks.
    serialization: 'advanced',
  });
  const told: Told = {};
  let stops = 0;
  let timer: NodeJS.Timeout | undefined;
  const kill = () => void child.kill('SIGKILL');
  child.on('message', event => {
    if (!isRunEvent(event)) return;
    note(event, told);
    if (event.type === 'stop-heard' && event.stops >= stops) {
      clearTimeout(timer);
      if (event.stops > 1) timer = setTimeout(kill, GRACE);
    }
    observe?.(event);
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream && observe)
      createInterface(stream).on('line', text => {
        observe({ type: 'output', text });
      });
  return {
    ended: untilGone(child).then(end => ({ ...end, isClosed: false, ...told, stops, pid: child.pid ?? 0 })),
    note: text => {
      tell(child, { type: 'note', text });
    },
    wake: () => void child.kill('SIGCONT'),
    stop() {
      stops++;
      clearTimeout(timer);
      tell(child, { type: 'stop' });
      if (stops === 1) timer = setTimeout(onSilence, SILENT);
      else if (stops === 2) timer = setTimeout(kill, DEAF);
      else kill();
      timer?.unref();
    },
  };
}

type Told = { -readonly [K in 'experiment' | 'firstCheckpoint' | 'isClosed' | 'done' | 'left']?: RunEnd[K] };

/** Keeps what must be known of a run once its process is gone. */
function note(event: RunEvent, told: Told): void {
  if (event.type === 'claimed') told.experiment = { registry: event.registry, id: event.experiment };
  else if (event.type === 'checkpoint' && event.first && event.stopping) told.firstCheckpoint = event.stage;
  else if (event.type === 'run-ended') told.isClosed = event.recorded;
  else if (event.type === 'leaving') told.done = event.exitCode;
  else if (event.type === 'exit-called') told.left = event;
}

/** Its words come over the channel, which may close later than the process. */
async function untilGone(child: ChildProcess): Promise<Pick<RunEnd, 'exitCode' | 'signal'>> {
  const disconnected = new Promise<void>(resolve => child.once('disconnect', resolve));
  const end = await new Promise<Pick<RunEnd, 'exitCode' | 'signal'>>((resolve, reject) => {
    child.once('error', reject).once('exit', (exitCode, signal) => {
      resolve({ exitCode, signal });
    });
  });
  await disconnected;
  return end;
}

function tell(child: ChildProcess, message: WatcherMessage): void {
  // A run that has just ended no longer listens, and its exit says so.
  if (child.connected) child.send(message, () => {});
}
