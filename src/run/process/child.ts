import { fork, type ChildProcess, type StdioOptions } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../host/paths.ts';
import { isRunEvent, type Observer, type RunEvent } from '../events.ts';
import { STARTER, type Starter, type WatcherMessage } from './watched.ts';

/** Milliseconds for a run to record its end after a second stop request; then it is killed. */
const GRACE = 4000;

/** Milliseconds for a run to acknowledge that request: its event loop may be blocked for good. */
const DEAF = 1000;

/** Milliseconds without acknowledgement of the first request after which the user is told. */
const SILENT = 1500;

/** The end of a run's process, and the events that it sent before. */
export interface RunEnd {
  readonly pid: number;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Number of stop requests. */
  readonly stops: number;
  readonly experiment?: { readonly registry: string; readonly id: string };
  /** The stage that kept its first state after the stop request. */
  readonly firstCheckpoint?: string;
  readonly isClosed: boolean;
  /** Its exit code, if it left by itself. */
  readonly done?: number;
  readonly left?: RunEvent & { type: 'exit-called' };
}

/** A run in its own process: training blocks its process, and the starter must stay responsive. */
export interface RunProcess {
  /** Resolves when the process is gone. */
  readonly ended: Promise<RunEnd>;
  /** Shows a text in the run's display. */
  readonly note: (text: string) => void;
  /** First call: stops at the next safe point. Second: at once, killed if it does not react. Third: killed. */
  readonly stop: () => void;
  /** Continues it after SIGSTOP. */
  readonly wake: () => void;
}

export interface RunProcessOptions {
  readonly starter: Starter;
  readonly stdin: 'inherit' | 'ignore';
  /** Its data for scripts, to this process's stdout by default. */
  readonly data?: 'ignore';
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called when a run does not acknowledge a stop request. */
  readonly onSilence?: () => void;
  /** Receives every event of the run, and each line that it prints otherwise. Without it, the run draws on stderr. */
  readonly observe?: Observer | undefined;
}

/** The module that a run's process executes. */
const childModule = (): string => join(packageRoot, 'dist', 'cli', 'child.js');

export function startRunProcess(
  args: readonly string[],
  { starter, stdin, data, cwd, env, onSilence = () => {}, observe }: RunProcessOptions,
): RunProcess {
  const child = fork(childModule(), [...args], {
    cwd,
    env: { ...env, [STARTER]: starter },
    // Its stdout, which native code may write to, goes to stderr: data has a descriptor of its own for the parent's stdout.
    stdio: [
      stdin,
      ...(observe === undefined ? [2, 2] : ['pipe', 'pipe']),
      'ipc',
      data ?? 1,
      'pipe',
    ] as StdioOptions,
    // Carries NaN and the infinities, which JSON lacks.
    serialization: 'advanced',
  });
  const received: Received = {};
  let stops = 0;
  let timer: NodeJS.Timeout | undefined;
  const kill = () => void child.kill('SIGKILL');
  child.on('message', event => {
    if (!isRunEvent(event)) return;
    note(event, received);
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
    ended: untilGone(child).then(end => ({
      ...end,
      isClosed: false,
      ...received,
      stops,
      pid: child.pid ?? 0,
    })),
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

type Received = {
  -readonly [K in 'experiment' | 'firstCheckpoint' | 'isClosed' | 'done' | 'left']?: RunEnd[K];
};

/** Keeps what is needed of a run after its process is gone. */
function note(event: RunEvent, received: Received): void {
  if (event.type === 'claimed') received.experiment = { registry: event.registry, id: event.experiment };
  else if (event.type === 'checkpoint' && event.first && event.stopping)
    received.firstCheckpoint = event.stage;
  else if (event.type === 'run-ended') received.isClosed = event.recorded;
  else if (event.type === 'leaving') received.done = event.exitCode;
  else if (event.type === 'exit-called') received.left = event;
}

/** Waits for the process to end and for its channel, which may close later. */
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
  // A run that has just ended no longer listens; its exit event follows.
  if (child.connected) child.send(message, () => {});
}
