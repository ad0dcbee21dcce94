import { Command } from 'commander';
import type { Cli, CommandFactory } from '../io.ts';
import { experimentsOption } from '../registry.ts';
import { runAndTell } from '../run-to-end.ts';

interface Options {
  readonly json?: boolean;
  readonly experiments?: string;
}

export const reproduceCommand: CommandFactory = cli =>
  new Command('reproduce')
    .summary('run an experiment again and say what differs')
    .description(
      'Runs an experiment again, every stage, as a new experiment, and says whether it gave the same: files, metrics, outputs. Exit code 0: all of it is equal; 1: something differs.',
    )
    .argument('<experiment>', 'exp-3, a tag, latest, or latest:<pipeline>')
    .option('--json', 'what was found as JSON')
    .addOption(experimentsOption())
    .action(cli.action((reference: string, options: Options) => reproduce(reference, options, cli)));

async function reproduce(reference: string, { json, experiments }: Options, { io }: Cli): Promise<number> {
  const [{ planReproduction }, { renderBefore }, { colorsFor }] = await Promise.all([
    import('../../run/reproduce/plan.ts'),
    import('../reproduce/before.ts'),
    import('../terminal.ts'),
  ]);
  const session = { cwd: io.cwd, env: io.env, experiments, command: ['pipe', ...process.argv.slice(2)] };
  const planned = await planReproduction(reference, session);
  const { plan, decided, beginning, inputs } = planned;
  const notes = [renderBefore(planned, colorsFor(io.stderr, io.env))];
  return runAndTell(plan, { ...decided, notes }, session, io, {
    beginning,
    tell: async outcome => {
      const { tellReproduction } = await import('../reproduce/tell.ts');
      return tellReproduction(plan, outcome, session, io, { json: json === true, inputs });
    },
  });
}
