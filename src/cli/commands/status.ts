import { Command } from 'commander';
import { experimentsOption } from '../registry.ts';
import { collect } from '../collect.ts';
import type { Cli, CommandFactory } from '../io.ts';
import { tellWarnings } from '../tell-warnings.ts';

interface Options {
  readonly set: readonly string[];
  readonly experiments?: string;
}

export const statusCommand: CommandFactory = cli =>
  new Command('status')
    .summary('say which stages would run, and why')
    .description('Says for each stage whether it would run or be reused, and why; does nothing.')
    .argument('<pipeline>', 'the pipeline file')
    .option('--set <name=value>', 'set one parameter, such as train.epochs=3; repeatable', collect, [])
    .addOption(experimentsOption())
    .action(cli.action((file: string, options: Options) => status(file, options, cli)));

async function status(file: string, { set, experiments }: Options, { io }: Cli): Promise<number> {
  const [{ decide, loadValidPlan }, { describeDecisions }] = await Promise.all([
    import('../../run/session.ts'),
    import('../describe-plan.ts'),
  ]);
  const session = { cwd: io.cwd, env: io.env, experiments, command: [] };
  const plan = await loadValidPlan(file, set, session);
  tellWarnings(plan, io);
  const { decisions, equals } = await decide(plan, {}, session);
  io.stdout.write(describeDecisions(plan, decisions));
  if (equals !== undefined) io.stdout.write(`nothing changed: equals ${equals}\n`);
  return 0;
}
