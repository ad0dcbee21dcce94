import { Command } from 'commander';
import type { Cli, CommandFactory } from '../io.ts';
import { checkPause, parsePause, pauseOption } from '../pause.ts';
import { progressOption } from '../progress.ts';
import { experimentsOption } from '../registry.ts';
import { nothingChanged } from '../nothing-changed.ts';
import { runAndTell, runToEnd } from '../run-to-end.ts';
import { registryIn, tellExperiment } from '../tell-experiment.ts';
import { helpNotes, RUN_EXIT_CODES } from '../help.ts';
import { jsonOption, setOption } from '../options.ts';
import { withTensorFlow } from '../with-tensorflow.ts';

interface Options {
  readonly set: readonly string[];
  readonly force?: boolean;
  readonly json?: boolean;
  readonly experiments?: string;
  readonly pauseAt?: string;
}

export const resumeCommand: CommandFactory = cli =>
  new Command('resume')
    .summary('resume an experiment that was stopped, or extend one')
    .description(
      'Resume an experiment that was interrupted, failed or crashed. With --set: train one further, as a new experiment.',
    )
    .argument('<experiment>', 'exp-3, or a tag; with --set also latest, or latest:<pipeline>')
    .addOption(setOption('train it further as a new experiment, such as train.epochs=40; repeatable'))
    .option('--force', 'though a process has it that cannot be seen from here, and that you know is gone')
    .addOption(jsonOption('the experiment’s record, as pipe show does,'))
    .addOption(progressOption())
    .addOption(experimentsOption())
    .addOption(pauseOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe resume exp-3', 'from where it was stopped'],
          ['pipe resume latest --set train.epochs=40', 'train it further'],
        ],
        exitCodes: RUN_EXIT_CODES,
      }),
    )
    .action(cli.action((reference: string, options: Options) => resume(reference, options, cli)));

async function resume(reference: string, options: Options, { io }: Cli): Promise<number> {
  const { set, force, json, experiments } = options;
  const pause = parsePause(options.pauseAt, io.cwd);
  const { planResumption } = await import('../../run/resume.ts');
  const session = { cwd: io.cwd, env: io.env, experiments, command: ['pipe', ...process.argv.slice(2)] };
  const planNow = async () => {
    const resumption = await planResumption(reference, { set, force }, session);
    checkPause(pause, resumption.plan);
    return resumption;
  };
  const { plan, decided, target } = await withTensorFlow(planNow, io);
  if (decided.equals !== undefined) return nothingChanged(decided, '', io, { session, json });
  if (target.kind === 'new')
    return runToEnd(plan, decided, session, io, { target, json, ...(pause && { pause }) });
  return runAndTell(plan, decided, session, io, {
    target,
    ...(pause && { pause }),
    tell: async outcome => {
      await tellExperiment({ id: outcome.id, registry: registryIn(session) }, io, { json });
      const { tellIfReproduction } = await import('../reproduce/tell.ts');
      return tellIfReproduction(plan, outcome, session, io);
    },
  });
}
