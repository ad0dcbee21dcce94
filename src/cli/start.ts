/** The first of the command's own modules: light, since every command loads it. */

/** Those that run stages. */
const RUNNING = new Set(['run', 'resume', 'reproduce']);

/** They do it in a process of its own, which the command follows. A description of what would be done needs none. */
const isRunning = ([name = '', ...args]: readonly string[]): boolean =>
  RUNNING.has(name) && !args.some(arg => arg === '--dry-run' || arg === '--help' || arg === '-h');

/** Runs the command line of this process; answers the exit code. */
export async function start(argv: readonly string[]): Promise<number> {
  if (isRunning(argv)) {
    const { superviseRun } = await import('./supervise.ts');
    return superviseRun(argv);
  }
  const { main } = await import('./main.ts');
  return main(argv);
}
