import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../host/paths.ts';
import type { WatcherMessage } from '../run/watched.ts';

/** Milliseconds that a run has to end after it was told to stop at once; then it is killed. */
const GRACE = 4000;

/** A `pipe run` as a process of its own: training keeps its process busy, and a watcher must hear and answer. */
export interface ChildRun {
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  /** Shows a text in the run's display. */
  note(text: string): void;
  /** Once: at the next safe point. Twice: at once, by force where words do not help. */
  stop(): void;
}

export function startRun(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): ChildRun {
  const child = fork(join(packageRoot, 'bin', 'pipe.js'), ['run', ...args], {
    cwd,
    env,
    // The keys are the watcher's.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let stopping = false;
  let grace: NodeJS.Timeout | undefined;
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject).once('exit', () => {
      clearTimeout(grace);
      resolve();
    });
  });
  return {
    ended,
    note: text => {
      tell(child, { type: 'note', text });
    },
    stop() {
      tell(child, { type: 'stop' });
      if (stopping) grace ??= setTimeout(() => child.kill('SIGKILL'), GRACE);
      stopping = true;
    },
  };
}

function tell(child: ChildProcess, message: WatcherMessage): void {
  // A run that has just ended no longer listens, and its exit says so.
  if (child.connected) child.send(message, () => {});
}
