import { Command } from 'commander';
import { experimentsOption } from '../registry.ts';
import type { Cli, CommandFactory } from '../io.ts';
import { tellWarnings } from '../tell-warnings.ts';
import { helpNotes } from '../help.ts';
import { jsonOption, setOption } from '../options.ts';

interface Options {
  readonly set: readonly string[];
  readonly json?: boolean;
  readonly experiments?: string;
}

export const statusCommand: CommandFactory = cli =>
  new Command('status')
    .summary('say which stages would run, and why')
    .description('Say for each stage whether it would run or be reused, and why. Do nothing.')
    .argument('<pipeline>', 'the pipeline file')
    .addOption(setOption())
    .addOption(jsonOption('what would be done'))
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [['pipe status pipelines/cgan.yaml --set train.epochs=3', 'what would run again?']],
      }),
    )
    .action(cli.action((file: string, options: Options) => status(file, options, cli)));

async function status(file: string, { set, json, experiments }: Options, { io }: Cli): Promise<number> {
  const [{ decide, loadValidPlan }, { describeDecisions }] = await Promise.all([
    import('../../run/session.ts'),
    import('../describe-plan.ts'),
  ]);
  const session = { cwd: io.cwd, env: io.env, experiments, command: [] };
  const plan = await loadValidPlan(file, set, session);
  tellWarnings(plan, io);
  const decided = await decide(plan, {}, session);
  const { decisions, equals } = decided;
  if (json === true) {
    const { planJson } = await import('../plan-json.ts');
    io.stdout.write(planJson(plan, decided));
    return 0;
  }
  io.stdout.write(describeDecisions(plan, decisions));
  if (equals !== undefined) io.stdout.write(`nothing changed: equals ${equals}\n`);
  return 0;
}
