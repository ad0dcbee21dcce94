import { Command } from 'commander';
import type { Cli, CommandFactory } from '../io.ts';
import { progressOption } from '../progress.ts';
import { experimentsOption } from '../registry.ts';
import { runAndTell } from '../run-to-end.ts';
import { helpNotes, RUN_EXIT_CODES } from '../help.ts';
import { jsonOption } from '../options.ts';
import { withTensorFlow } from '../with-tensorflow.ts';

interface Options {
  readonly json?: boolean;
  readonly experiments?: string;
}

export const reproduceCommand: CommandFactory = cli =>
  new Command('reproduce')
    .summary('run an experiment again and say what differs')
    .description(
      'Run an experiment again, every stage, as a new experiment, and say whether it gave the same: files, metrics, outputs.',
    )
    .argument('<experiment>', 'exp-3, a tag, latest, or latest:<pipeline>')
    .addOption(jsonOption('what was found'))
    .addOption(progressOption())
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [['pipe reproduce exp-3', 'is it still the same?']],
        exitCodes: { 1: 'something differs, or the run failed', 130: RUN_EXIT_CODES[130] },
      }),
    )
    .action(cli.action((reference: string, options: Options) => reproduce(reference, options, cli)));

async function reproduce(reference: string, { json, experiments }: Options, { io }: Cli): Promise<number> {
  const [{ planReproduction }, { renderBefore }, { colorsFor }] = await Promise.all([
    import('../../run/reproduce/plan.ts'),
    import('../reproduce/before.ts'),
    import('../terminal.ts'),
  ]);
  const session = { cwd: io.cwd, env: io.env, experiments, command: ['pipe', ...process.argv.slice(2)] };
  const planned = await withTensorFlow(() => planReproduction(reference, session), io);
  const { plan, decided, target, inputs } = planned;
  const notes = [renderBefore(planned, colorsFor(io.stderr, io.env))];
  return runAndTell(plan, { ...decided, notes }, session, io, {
    target,
    tell: async outcome => {
      const { tellReproduction } = await import('../reproduce/tell.ts');
      return tellReproduction(plan, outcome, session, io, { json: json === true, inputs });
    },
  });
}
