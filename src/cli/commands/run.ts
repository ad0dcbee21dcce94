import { Command } from 'commander';
import type { Session } from '../../run/session.ts';
import { collect } from '../collect.ts';
import type { Cli, CommandFactory } from '../io.ts';
import { nothingChanged } from '../nothing-changed.ts';
import { runToEnd } from '../run-to-end.ts';
import { tellWarnings } from '../tell-warnings.ts';

interface Options {
  readonly set: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly force?: boolean;
  readonly forceStage: readonly string[];
  readonly dryRun?: boolean;
  readonly experiments?: string;
}

export const runCommand: CommandFactory = cli =>
  new Command('run')
    .description('Run a pipeline and record it as an experiment.')
    .argument('<pipeline>', 'the pipeline file')
    .option('--set <name=value>', 'set one parameter, such as train.epochs=3; repeatable', collect, [])
    .option('--from <stage>', 'start at this stage; earlier ones are taken from an earlier experiment')
    .option('--to <stage>', 'stop after this stage')
    .option('--force', 'run every stage, though nothing changed')
    .option('--force-stage <stage>', 'run this stage and what follows it; repeatable', collect, [])
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--experiments <dir>', 'where experiments are kept (default: $PIPE_EXPERIMENTS or ./experiments)')
    .action(cli.action((file: string, options: Options) => run(file, options, cli)));

async function run(file: string, options: Options, { io }: Cli): Promise<number> {
  const [{ decide, loadValidPlan }, { isWatched }] = await Promise.all([
    import('../../run/session.ts'),
    import('../../run/watched.ts'),
  ]);
  const session: Session = {
    cwd: io.cwd,
    env: io.env,
    experiments: options.experiments,
    command: ['pipe', ...process.argv.slice(2)],
  };
  const plan = await loadValidPlan(file, options.set, session);
  // A watcher has shown them.
  if (!isWatched()) tellWarnings(plan, io);
  const { from, to, force, forceStage } = options;
  const decided = await decide(plan, { from, to, force, forceStages: forceStage }, session);
  if (options.dryRun === true) {
    const { describePlan } = await import('../describe-plan.ts');
    io.stdout.write(describePlan(plan, decided.decisions, io.cwd));
    if (decided.equals !== undefined) io.stdout.write(`nothing changed: equals ${decided.equals}\n`);
    return 0;
  }
  if (decided.equals !== undefined) return nothingChanged(decided, '; --force runs it anyway', io);
  return runToEnd(plan, decided, session, io, { kind: 'new', parent: null, range: rangeOf(options) });
}

/** What the command line says about which part is to run, for those who go on with the experiment. */
const rangeOf = ({ from, to, force, forceStage }: Options) => ({
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
  ...(force && { force }),
  ...(forceStage.length > 0 && { forceStages: [...forceStage] }),
});
