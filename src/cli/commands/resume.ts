import { Command } from 'commander';
import { collect } from '../collect.ts';
import type { Cli, CommandFactory } from '../io.ts';
import { experimentsOption } from '../registry.ts';
import { runToEnd } from '../run-to-end.ts';

interface Options {
  readonly set: readonly string[];
  readonly experiments?: string;
}

export const resumeCommand: CommandFactory = cli =>
  new Command('resume')
    .description('Go on with an experiment that was interrupted, failed or crashed; with --set, extend it.')
    .argument('<experiment>', 'such as exp-3, or a tag; with --set also latest, or latest:<pipeline>')
    .option(
      '--set <name=value>',
      'train it further as a new experiment, such as train.epochs=40; repeatable',
      collect,
      [],
    )
    .addOption(experimentsOption())
    .action(cli.action((reference: string, options: Options) => resume(reference, options, cli)));

async function resume(reference: string, { set, experiments }: Options, { io }: Cli): Promise<number> {
  const { planResumption } = await import('../../run/resume.ts');
  const session = { cwd: io.cwd, env: io.env, experiments, command: ['pipe', ...process.argv.slice(2)] };
  const { plan, decisions, beginning } = await planResumption(reference, set, session);
  return runToEnd(plan, { decisions }, session, io, beginning);
}
