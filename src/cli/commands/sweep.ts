import { Command, InvalidArgumentError, Option } from 'commander';
import type { Cli, CommandFactory, Io } from '../io.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';
import { progressOption } from '../progress.ts';
import { experimentsOption, registryOf } from '../registry.ts';
import type { SweepOptions } from '../sweep/run.ts';

interface Options extends SweepOptions {
  readonly md?: boolean;
  readonly experiments?: string;
}

export const sweepCommand: CommandFactory = cli =>
  new Command('sweep')
    .summary('run a pipeline many times: search parameters, repeat with seeds')
    .description(
      'Run what a sweep’s file describes: a pipeline with varying parameters and seeds. A sweep that was stopped goes on.',
    )
    .argument('<sweep>', 'the sweep’s file')
    .addOption(workersOption())
    .option('--new', 'begin a new sweep, though one of this file is unfinished')
    .option('--yes', 'a grid of more than a thousand points is meant')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addOption(jsonOption('the ranking'))
    .addOption(progressOption())
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe sweep studies/label.yaml', 'begin it, or go on'],
          ['pipe sweep show', 'the ranking of the newest sweep'],
          ['pipe sweep verify sweep-1', 'do its suggestions follow from its results?'],
        ],
        exitCodes: { 1: 'every trial failed, or a trial could not be written', 130: 'stopped by Ctrl-C' },
      }),
    )
    .action(
      cli.action(async (file: string, options: Options) => {
        const { runSweep } = await import('../sweep/run.ts');
        return runSweep(file, options, await registryOf(cli.io, options), cli.io);
      }),
    )
    .addCommand(resumeCommand(cli))
    .addCommand(showCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(verifyCommand(cli));

const workersOption = (): Option =>
  new Option('--workers <n>', 'trials at a time; they share the processors').argParser(text => {
    if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
    return Number(text);
  });

const resumeCommand = (cli: Cli): Command =>
  new Command('resume')
    .summary('go on with a stopped sweep')
    .description('Go on with a sweep that was stopped or killed: no trial is lost or done twice.')
    .argument('<id>', 'such as sweep-1')
    .addOption(workersOption())
    .option('--force', 'its driver is on another machine, and is known to be gone')
    .addOption(jsonOption('the ranking'))
    .addOption(progressOption())
    .addOption(experimentsOption())
    .action(
      cli.action(async (id: string, options: Options) => {
        const { resumeSweep } = await import('../sweep/run.ts');
        return resumeSweep(id, options, await registryOf(cli.io, options), cli.io);
      }),
    );

const showCommand = (cli: Cli): Command =>
  new Command('show')
    .summary('the ranking of a sweep’s points')
    .description('Show the ranking of a sweep’s points, and how much each parameter matters.')
    .argument('[id]', 'such as sweep-1; by default the newest')
    .addOption(jsonOption('the ranking').conflicts('md'))
    .option('--md', 'print the ranking as Markdown')
    .addOption(experimentsOption())
    .action(cli.action((id: string | undefined, options: Options) => show(id, options, cli.io)));

async function show(id: string | undefined, options: Options, io: Io): Promise<number> {
  const [
    registry,
    { newestSweep, openSweep },
    { showSweep, sweepJson, sweepMarkdown },
    { colorsFor, columnsOf },
  ] = await Promise.all([
    registryOf(io, options),
    import('../../sweep/stored.ts'),
    import('../sweep/show.ts'),
    import('../terminal.ts'),
  ]);
  const sweep = openSweep(registry, id ?? newestSweep(registry));
  const text = () => showSweep(sweep, colorsFor(io.stdout, io.env), columnsOf(io.stdout));
  io.stdout.write(
    options.json === true ? sweepJson(sweep) : options.md === true ? sweepMarkdown(sweep) : text(),
  );
  return 0;
}

const listCommand = (cli: Cli): Command =>
  new Command('list')
    .summary('all sweeps')
    .description('List the sweeps of the experiments’ folder.')
    .addOption(experimentsOption())
    .action(
      cli.action(async (options: Options) => {
        const { io } = cli;
        const [registry, { newestSweep, openOrDamage }, { listSweeps }, { colorsFor }] = await Promise.all([
          registryOf(io, options),
          import('../../sweep/stored.ts'),
          import('../sweep/show.ts'),
          import('../terminal.ts'),
        ]);
        newestSweep(registry);
        const sweeps = registry.sweeps.ids().map(id => openOrDamage(registry, id));
        io.stdout.write(listSweeps(sweeps, colorsFor(io.stdout, io.env)));
        return 0;
      }),
    );

const verifyCommand = (cli: Cli): Command =>
  new Command('verify')
    .summary('prove a sweep’s suggestions')
    .description(
      'Replay a sweep’s journal: each point must be the one that its method gives after the results before it.',
    )
    .argument('[id]', 'such as sweep-1; by default the newest')
    .addOption(experimentsOption())
    .action(cli.action((id: string | undefined, options: Options) => verify(id, options, cli.io)));

async function verify(id: string | undefined, options: Options, io: Io): Promise<number> {
  const [registry, { newestSweep, openSweep }, { verifySweep }] = await Promise.all([
    registryOf(io, options),
    import('../../sweep/stored.ts'),
    import('../sweep/verify.ts'),
  ]);
  return verifySweep(openSweep(registry, id ?? newestSweep(registry)), registry, io);
}
