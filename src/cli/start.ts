/** Entry module of the command: light, since every command loads it. */

import { isJsonLines, observerFor } from './command-line.ts';
import { guardStreams } from './streams.ts';

/** Commands that run stages. */
const RUNNING = new Set(['run', 'resume', 'reproduce']);

/**
 * True for commands that run stages, in a process of their own that the command follows. A dry run needs none, except with JSON
 * events: other output of the process becomes events as well.
 */
const isRunning = ([name = '', ...args]: readonly string[]): boolean =>
  RUNNING.has(name) &&
  !args.some(arg => arg === '--help' || arg === '-h') &&
  (isJsonLines(args) || !args.includes('--dry-run'));

/** Runs the command line of this process; returns the exit code. */
export async function start(argv: readonly string[]): Promise<number> {
  guardStreams();
  const refused = await refusedFolder(argv);
  if (refused !== undefined) return refused;
  if (isRunning(argv)) {
    const { superviseRun } = await import('./supervise.ts');
    return superviseRun(argv);
  }
  const [{ main }, { untilEnd }] = await Promise.all([import('./main.ts'), import('./unmeant-end.ts')]);
  return untilEnd(() => main(argv));
}

/** The exit code for a working folder that is gone; undefined for an existing one. */
async function refusedFolder(argv: readonly string[]): Promise<number | undefined> {
  try {
    process.cwd();
    return undefined;
  } catch {
    const [{ Failure }, { printError }] = await Promise.all([
      import('../core/failure.ts'),
      import('./print-error.ts'),
    ]);
    const failure = new Failure({
      code: 'no-working-folder',
      exitCode: 2,
      message: 'the working folder is gone: it was removed or replaced while this shell was in it',
      hint: 'cd into an existing folder',
    });
    const { stdout, stderr, env } = process;
    const observer = RUNNING.has(argv[0] ?? '') ? await observerFor(argv) : {};
    return printError(failure, { stdout, stderr, env, cwd: '/', ...observer });
  }
}
