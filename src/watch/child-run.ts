import { startRunProcess, type RunEnd, type RunProcess } from '../run/process/child.ts';
import { concludeRun } from '../run/process/conclude.ts';

/** What there is to know of a run that has ended. */
export type EndedRun = Pick<RunEnd, 'experiment' | 'firstCheckpoint'>;

/** A `pipe run` as a process of its own. */
export interface ChildRun extends Pick<RunProcess, 'note' | 'stop'> {
  /** Resolves when the process is gone. Rejects with a Failure when its end was not of its own will. */
  readonly ended: Promise<EndedRun>;
}

export function startRun(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): ChildRun {
  // The keys are the watcher's.
  const run = startRunProcess(['run', ...args], { starter: 'watch', stdin: 'ignore', cwd, env });
  return {
    note: run.note,
    stop: run.stop,
    ended: run.ended.then(async end => {
      const { failure } = await concludeRun(end, cwd);
      if (failure !== null) throw failure;
      return end;
    }),
  };
}
