import { Command } from 'commander';
import { collect } from '../collect.ts';
import type { Cli, CommandFactory } from '../io.ts';
import { experimentsOption } from '../registry.ts';
import { nothingChanged } from '../nothing-changed.ts';
import { runAndTell, runToEnd, tellId } from '../run-to-end.ts';

interface Options {
  readonly set: readonly string[];
  readonly force?: boolean;
  readonly experiments?: string;
}

export const resumeCommand: CommandFactory = cli =>
  new Command('resume')
    .description('Go on with an experiment that was interrupted, failed or crashed; with --set, extend it.')
    .argument('<experiment>', 'such as exp-3, or a tag; with --set also latest, or latest:<pipeline>')
    .option(
      '--set <name=value>',
      'train it further as a new experiment, such as train.iterations=4000; repeatable',
      collect,
      [],
    )
    .option('--force', 'though a process has it that cannot be seen from here, and that you know is gone')
    .addOption(experimentsOption())
    .action(cli.action((reference: string, options: Options) => resume(reference, options, cli)));

async function resume(reference: string, { set, force, experiments }: Options, { io }: Cli): Promise<number> {
  const { planResumption } = await import('../../run/resume.ts');
  const session = { cwd: io.cwd, env: io.env, experiments, command: ['pipe', ...process.argv.slice(2)] };
  const { plan, decided, beginning } = await planResumption(reference, { set, force }, session);
  if (decided.equals !== undefined) return nothingChanged(decided, '', io);
  if (beginning.kind === 'new') return runToEnd(plan, decided, session, io, beginning);
  return runAndTell(plan, decided, session, io, {
    beginning,
    tell: async outcome => {
      tellId(outcome, io);
      const { tellIfReproduction } = await import('../reproduce/tell.ts');
      return tellIfReproduction(plan, outcome, session, io);
    },
  });
}
