import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { Failure } from '../../core/failure.ts';
import { withRegistry } from '../hints.ts';
import type { Cli, CommandFactory, Io } from '../io.ts';
import { colorsFor } from '../terminal.ts';
import { helpNotes, RUN_EXIT_CODES } from '../help.ts';
import { setOption } from '../options.ts';
import { experimentsOption } from '../registry.ts';

interface Options {
  readonly set: readonly string[];
  readonly experiments?: string;
}

export const watchCommand: CommandFactory = cli =>
  new Command('watch')
    .summary('run a pipeline, and again whenever it changes')
    .description('Run a pipeline, and again whenever it changes. q quits.')
    .argument('<pipeline>', 'the pipeline file')
    .addOption(setOption())
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [['pipe watch pipelines/cgan.yaml', 'then edit it, or a stage, and save']],
        exitCodes: { 130: RUN_EXIT_CODES[130] },
      }),
    )
    .action(cli.action((file: string, options: Options) => watch(file, options, cli)));

async function watch(file: string, options: Options, { io }: Cli): Promise<number> {
  const [
    { startReading },
    { onStopSignals },
    { watchPipeline },
    { startRun },
    { listenForKeys },
    { errorText },
    { renderProblems },
  ] = await Promise.all([
    import('../../watch/read-process.ts'),
    import('../../run/execute/cancel.ts'),
    import('../../watch/watch.ts'),
    import('../../watch/child-run.ts'),
    import('../../watch/keys.ts'),
    import('../report-outcome.ts'),
    import('../diagnostics.ts'),
  ]);
  const { cwd, env } = io;
  const path = resolve(cwd, file);
  await checkCommandLine(file, options, io);
  return watchPipeline({
    file,
    path,
    cwd,
    read: onSources => startReading({ file, set: options.set, cwd, env, onSources }),
    start: () => startRun(runArguments(file, options), { cwd, env }),
    discard: (dir, id) => discard(dir, id, io),
    say: text => void io.stderr.write(`${text}\n`),
    explain: error => errorText(error, io),
    describe: problems => renderProblems(problems, colorsFor(io.stderr, io.env)).trimEnd(),
    listen: leave => {
      const interrupt = () => {
        leave(130);
      };
      const quit = () => {
        leave(0);
      };
      const endSignals = onStopSignals(interrupt, env);
      const endKeys = listenForKeys(process.stdin, { onQuit: quit, onInterrupt: interrupt });
      return () => {
        endSignals();
        endKeys();
      };
    },
  });
}

/** Checks the command line first: a broken file can be fixed while it is watched, a mistyped name or setting cannot. */
async function checkCommandLine(file: string, { set }: Options, io: Io): Promise<void> {
  const isMissing = !existsSync(resolve(io.cwd, file));
  if (!isMissing && set.length === 0) return;
  const { startReading } = await import('../../watch/read-process.ts');
  const result = await startReading({ file, set, cwd: io.cwd, env: io.env }).result;
  if (result.ok) return;
  const { COMMAND_LINE } = await import('../../config/source.ts');
  const { invalidPipeline } = await import('../../config/problems.ts');
  if (isMissing || result.problems.every(({ location }) => location?.file === COMMAND_LINE))
    throw invalidPipeline(file, result.problems);
}

/** Removes an experiment like `pipe rm`; returns the command that restores it. */
async function discard(dir: string, id: string, io: Io): Promise<string | undefined> {
  const [{ openRegistry }, { planRemoval, remove }] = await Promise.all([
    import('../../registry/index.ts'),
    import('../../upkeep/remove.ts'),
  ]);
  const registry = openRegistry(dir);
  try {
    await remove(registry, await planRemoval(registry, [id], false), false);
    return withRegistry(`pipe restore ${id}`, io);
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-removed') return undefined;
    throw error;
  }
}

/** The arguments of `pipe run` for the same run. */
function runArguments(file: string, { set, experiments }: Options): readonly string[] {
  return [
    ...set.flatMap(setting => ['--set', setting]),
    ...(experiments === undefined ? [] : ['--experiments', experiments]),
    '--',
    file,
  ];
}
