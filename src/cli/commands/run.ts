import { Command } from 'commander';
import type { Plan } from '../../plan/plan.ts';
import type { Cancellation } from '../../run/cancel.ts';
import type { Display } from '../../run/display.ts';
import type { Decided, Session } from '../../run/session.ts';
import type { Cli, CommandFactory, Io } from '../io.ts';

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

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

async function run(file: string, options: Options, { io }: Cli): Promise<number> {
  const { decide, loadValidPlan } = await import('../../run/session.ts');
  const session: Session = {
    cwd: io.cwd,
    env: io.env,
    experiments: options.experiments,
    command: ['pipe', ...process.argv.slice(2)],
  };
  const plan = await loadValidPlan(file, options.set, session);
  const { from, to, force, forceStage } = options;
  const decided = await decide(plan, { from, to, force, forceStages: forceStage }, session);
  if (options.dryRun === true) {
    const { describePlan } = await import('../describe-plan.ts');
    io.stdout.write(describePlan(plan, decided.decisions, io.cwd));
    if (decided.equals !== undefined) io.stdout.write(`nothing changed: equals ${decided.equals}\n`);
    return 0;
  }
  if (decided.equals === undefined) return runToEnd(plan, decided, session, io);
  // What was learned about the data is kept for the next time.
  decided.caching.cache.save();
  io.stderr.write(`nothing changed: equals ${decided.equals}; --force runs it anyway\n`);
  if (io.stdout.isTTY !== true) io.stdout.write(`${decided.equals}\n`);
  return 0;
}

async function runToEnd(plan: Plan, decided: Decided, session: Session, io: Io): Promise<number> {
  const [{ execute }, { openDisplay }, { cancellation }, { exitCodes, outcomeText }] = await Promise.all([
    import('../../run/session.ts'),
    import('../../run/display.ts'),
    import('../../run/cancel.ts'),
    import('../report-outcome.ts'),
  ]);
  const display = await openDisplay(io.stderr, io.env);
  const cancel = cancellation();
  const stopListening = await listen(cancel, display, io);
  try {
    for (const text of warningsOf(decided)) display.note(text);
    const outcome = await execute(plan, decided, session, { display, cancellation: cancel });
    display.note(await outcomeText(outcome, plan, io));
    const exitCode = exitCodes[outcome.status];
    // In a terminal the lines above have said it; a script gets the id.
    if (io.stdout.isTTY !== true) io.stdout.write(`${outcome.id}\n`);
    if (outcome.abandoned) {
      // A stage is still at work and would keep this process alive.
      display.abandon();
      process.exit(exitCode);
    }
    return exitCode;
  } finally {
    stopListening();
  }
}

const warningsOf = ({ decisions }: Decided): readonly string[] =>
  [...decisions.values()].flatMap(decision =>
    decision.kind === 'run' && decision.warning !== undefined ? [decision.warning] : [],
  );

/** Stops the run on Ctrl-C, or when the watcher that started it says so. */
async function listen(cancel: Cancellation, display: Display, { env }: Io): Promise<() => void> {
  const { onStopSignals } = await import('../../run/cancel.ts');
  const { followWatcher, isWatched } = await import('../../run/watched.ts');
  const onSignal = () => {
    if (!cancel.signal.aborted)
      display.note('finishing the iteration, saving… press Ctrl-C again to stop at once');
    cancel.request();
  };
  const endSignals = onStopSignals(onSignal, env, { isRelayed: isWatched() });
  if (!isWatched()) return endSignals;
  const endWatcher = followWatcher(
    () => {
      cancel.request();
    },
    text => {
      display.note(text);
    },
  );
  return () => {
    endSignals();
    endWatcher();
  };
}
