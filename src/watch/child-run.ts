import { startRunProcess, type RunEnd, type RunProcess } from '../run/process/child.ts';
import { concludeRun } from '../run/process/conclude.ts';

/** The relevant facts about an ended run. */
export type EndedRun = Pick<RunEnd, 'experiment' | 'firstCheckpoint'>;

/** A `pipe run` in its own process. */
export interface ChildRun extends Pick<RunProcess, 'note' | 'stop'> {
  /** Resolves when the process is gone. Rejects with a Failure for an unexpected end. */
  readonly ended: Promise<EndedRun>;
}

export function startRun(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): ChildRun {
  // stdin stays with the watcher.
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
