import { onStopSignals } from '../run/execute/cancel.ts';
import { startRunProcess, type RunEnd } from '../run/process/child.ts';
import type { Io } from './io.ts';
import { observerFor, valueOf } from './command-line.ts';
import { tellExperiment } from './tell-experiment.ts';

const SILENT = 'the stage is busy and has not heard it yet; press Ctrl-C again to end it';

/**
 * Runs a command in its own process and follows it to its end: a stage can exit, crash in native code or block the event loop,
 * and all of that must be reported, recorded and stopped. With `--progress jsonl` it writes the run's events. Returns the exit
 * code.
 */
export async function superviseRun(argv: readonly string[]): Promise<number> {
  const { env, stdout, stderr } = process;
  const io: Io = { stdout, stderr, env, cwd: process.cwd(), ...(await observerFor(argv)) };
  const run = startRunProcess(argv, {
    starter: 'run',
    stdin: 'inherit',
    cwd: io.cwd,
    env,
    observe: io.emit,
    onSilence: () => {
      if (io.emit === undefined) stderr.write(`${SILENT}\n`);
      else io.emit({ type: 'note', level: 'warning', text: SILENT });
    },
  });
  const endSignals = onStopSignals(run.stop, env);
  process.on('SIGCONT', run.wake);
  const end = await run.ended;
  endSignals();
  if (end.done !== undefined) return end.done;
  return tellEnd(end, argv, io);
}

/** Reports the end of a run that could not do so itself, and prints its experiment for scripts; returns the exit code. */
async function tellEnd(end: RunEnd, argv: readonly string[], io: Io): Promise<number> {
  const [{ concludeRun }, { printError }, { failureDetail }] = await Promise.all([
    import('../run/process/conclude.ts'),
    import('./print-error.ts'),
    import('../run/failure-detail.ts'),
  ]);
  // The run's display may have hidden the cursor.
  if (io.stderr.isTTY === true && io.emit === undefined) io.stderr.write('\u001b[?25h');
  const { exitCode, failure, isRecorded } = await concludeRun(end, io.cwd);
  const experiments = valueOf('--experiments', argv);
  if (io.emit !== undefined && end.experiment !== undefined && !end.isClosed)
    io.emit({
      type: 'run-ended',
      experiment: end.experiment.id,
      status: exitCode === 130 ? 'interrupted' : 'failed',
      failure: failure && failureDetail(failure),
      ms: null,
      recorded: isRecorded,
    });
  else printError(failure, { ...io, ...(experiments !== undefined && { experiments }) });
  io.emit?.({ type: 'leaving', exitCode });
  if (end.experiment === undefined) return exitCode;
  const { id, registry } = end.experiment;
  const opened = async () => (await import('../registry/index.ts')).openRegistry(registry);
  await tellExperiment({ id, registry: opened }, io, { json: argv.includes('--json') });
  return exitCode;
}
