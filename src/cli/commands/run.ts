import { Command } from 'commander';
import type { Plan } from '../../plan/plan.ts';
import type { Session } from '../../run/session.ts';
import type { Decided } from '../../run/decide/decision.ts';
import { collect } from '../collect.ts';
import type { Cli, CommandFactory, Io } from '../io.ts';
import { nothingChanged } from '../nothing-changed.ts';
import { runToEnd } from '../run-to-end.ts';
import { tellWarnings } from '../tell-warnings.ts';
import { helpNotes, RUN_EXIT_CODES } from '../help.ts';
import { jsonOption, setOption } from '../options.ts';
import { checkPause, parsePause, pauseOption } from '../pause.ts';
import { progressOption } from '../progress.ts';
import { experimentsOption } from '../registry.ts';
import { parseTrial, trialOption } from '../trial.ts';
import { withTensorFlow } from '../with-tensorflow.ts';

interface Options {
  readonly set: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly force?: boolean;
  readonly forceStage: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly experiments?: string;
  readonly trial?: string;
  readonly pauseAt?: string;
}

export const runCommand: CommandFactory = cli =>
  new Command('run')
    .summary('run a pipeline and record it as an experiment')
    .description(
      'Run a pipeline and record it as an experiment. What did not change is taken over from earlier experiments.',
    )
    .argument('<pipeline>', 'the pipeline file')
    .addOption(setOption())
    .option('--from <stage>', 'start at this stage; earlier ones are taken from an earlier experiment')
    .option('--to <stage>', 'stop after this stage')
    .option('--force', 'run every stage, though nothing changed')
    .option('--force-stage <stage>', 'run this stage and what follows it; repeatable', collect, [])
    .option('--dry-run', 'say what would be done, and do nothing')
    .addOption(
      jsonOption('the experiment’s record, as pipe show does, or with --dry-run what would be done,'),
    )
    .addOption(progressOption())
    .addOption(experimentsOption())
    .addOption(trialOption())
    .addOption(pauseOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe run pipelines/cgan.yaml', 'run it'],
          ['pipe run pipelines/cgan.yaml --set train.epochs=3', 'with another value'],
          ['pipe run pipelines/cgan.yaml --from sample', 'only the last stages'],
        ],
        exitCodes: RUN_EXIT_CODES,
      }),
    )
    .action(cli.action((file: string, options: Options) => run(file, options, cli)));

async function run(file: string, options: Options, { io }: Cli): Promise<number> {
  const [{ decide, loadValidPlan }, { isWatched }] = await Promise.all([
    import('../../run/session.ts'),
    import('../../run/process/watched.ts'),
  ]);
  const sweep = parseTrial(options.trial, io.cwd);
  const pause = parsePause(options.pauseAt, io.cwd);
  const session: Session = {
    cwd: io.cwd,
    env: io.env,
    experiments: options.experiments,
    command: ['pipe', ...process.argv.slice(2)],
  };
  const plan = await loadValidPlan(file, options.set, session);
  checkPause(pause, plan);
  // A watcher has shown them already.
  if (!isWatched('watch')) tellWarnings(plan, io);
  const { from, to, force, forceStage, json } = options;
  const range = { from, to, force, forceStages: forceStage };
  const decideNow = async () => ({ plan, decided: await decide(plan, range, session) });
  const { decided } = await (options.dryRun === true ? decideNow() : withTensorFlow(decideNow, io));
  if (options.dryRun === true) {
    io.stdout.write(await dryRun(plan, decided, options, io));
    return 0;
  }
  if (decided.equals !== undefined)
    // pipe watch has no such option.
    return nothingChanged(decided, isWatched('watch') ? '' : '; --force runs it anyway', io, {
      session,
      json,
    });
  const target = { kind: 'new', parent: null, range: rangeOf(options), ...(sweep && { sweep }) } as const;
  return runToEnd(plan, decided, session, io, { target, json, ...(pause && { pause }) });
}

async function dryRun(plan: Plan, decided: Decided, { json }: Options, { cwd }: Io): Promise<string> {
  if (json === true) return (await import('../plan-json.ts')).planJson(plan, decided);
  const { describePlan } = await import('../describe-plan.ts');
  const { decisions, equals } = decided;
  const closing = equals === undefined ? '' : `nothing changed: equals ${equals}\n`;
  return describePlan(plan, decisions, cwd) + closing;
}

/** The part of the pipeline to run, as the command line gives it, for a later resume. */
const rangeOf = ({ from, to, force, forceStage }: Options) => ({
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
  ...(force && { force }),
  ...(forceStage.length > 0 && { forceStages: [...forceStage] }),
});
