import { onStopSignals } from '../run/execute/cancel.ts';
import { startRunProcess, type RunEnd } from '../run/process/child.ts';
import type { Io } from './io.ts';

/**
 * Runs a command in a process of its own and follows it to its end: a stage can exit, crash in native code or never return to the
 * event loop, and all of that must be said, recorded and stopped. Returns the exit code.
 */
export async function superviseRun(argv: readonly string[]): Promise<number> {
  const { env, stderr } = process;
  const cwd = process.cwd();
  const run = startRunProcess(argv, {
    starter: 'run',
    stdin: 'inherit',
    cwd,
    env,
    onSilence: () =>
      void stderr.write('the stage is busy and has not heard it yet; press Ctrl-C again to end it\n'),
  });
  const endSignals = onStopSignals(run.stop, env);
  process.on('SIGCONT', run.resumeFrom);
  const end = await run.ended;
  endSignals();
  if (end.done !== undefined) return end.done;
  return tellEnd(end, argv, { stdout: process.stdout, stderr, env, cwd });
}

/** Says how a run ended that could not say it, and tells a script of its experiment; returns the exit code. */
async function tellEnd(end: RunEnd, argv: readonly string[], io: Io): Promise<number> {
  const [{ concludeRun }, { printError }] = await Promise.all([
    import('../run/process/conclude.ts'),
    import('./print-error.ts'),
  ]);
  // Its display may have hidden the cursor.
  if (io.stderr.isTTY === true) io.stderr.write('\u001b[?25h');
  const { exitCode, failure } = await concludeRun(end, io.cwd);
  const experiments = valueOf('--experiments', argv);
  printError(failure, { ...io, ...(experiments !== undefined && { experiments }) });
  if (end.experiment === undefined) return exitCode;
  const { registry, id } = end.experiment;
  if (argv.includes('--json')) {
    const [{ runJson }, { openRegistry }] = await Promise.all([
      import('./experiment-json.ts'),
      import('../registry/index.ts'),
    ]);
    io.stdout.write(await runJson(openRegistry(registry), id, false));
  } else if (io.stdout.isTTY !== true) io.stdout.write(`${id}\n`);
  return exitCode;
}

/** Of an option as it was given, once the run's own process has found the command line to be right. */
function valueOf(option: string, argv: readonly string[]): string | undefined {
  const at = argv.findIndex(word => word === option || word.startsWith(`${option}=`));
  const word = argv[at];
  if (word === undefined) return undefined;
  return word === option ? argv[at + 1] : word.slice(option.length + 1);
}
