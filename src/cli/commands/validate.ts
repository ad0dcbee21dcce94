import { Command } from 'commander';
import { jsonText } from '../../core/json-text.ts';
import { printable } from '../../core/printable.ts';
import type { Plan, PlannedStage } from '../../plan/plan.ts';
import { alignColumns } from '../../core/align-columns.ts';
import type { Cli, CommandFactory } from '../io.ts';
import { stageSources } from '../stage-sources.ts';
import { tellWarnings } from '../tell-warnings.ts';
import { helpNotes } from '../help.ts';
import { jsonOption, setOption } from '../options.ts';

interface Options {
  readonly set: readonly string[];
  readonly json?: true;
}

export const validateCommand: CommandFactory = cli =>
  new Command('validate')
    .summary('check a pipeline file and list its stages')
    .description('Check a pipeline file, everything that it includes and what is set, and list its stages.')
    .argument('<pipeline>', 'the pipeline file')
    .addOption(setOption())
    .addOption(jsonOption('the stages, or the problems,'))
    .addHelpText(
      'after',
      helpNotes({ examples: [['pipe validate pipelines/cgan.yaml', 'every mistake at once']] }),
    )
    .action(cli.action((file: string, options: Options) => validate(cli, file, options)));

async function validate({ io }: Cli, file: string, { set, json }: Options): Promise<number> {
  const { loadPlan } = await import('../../plan/load-plan.ts');
  const result = await loadPlan(file, { set, env: io.env, cwd: io.cwd });
  if (result.ok) {
    if (!json) tellWarnings(result.plan, io);
    io.stdout.write(json ? toJson(result.plan) : describe(file, result.plan));
    return 0;
  }
  if (json) {
    io.stdout.write(jsonText({ valid: false, problems: result.problems }));
    return 2;
  }
  const { invalidPipeline } = await import('../../config/problems.ts');
  throw invalidPipeline(file, result.problems);
}

function describe(file: string, { stages }: Plan): string {
  const count = stages.length === 1 ? '1 stage' : `${stages.length} stages`;
  const rows = alignColumns(stages.map(stage => [`  ${stage.id}`, nameOf(stage), stageSources(stage)]));
  return `${printable(file)} is valid: ${count}\n${rows}`;
}

const nameOf = ({ id, use }: PlannedStage): string => (use === id ? '' : printable(use));

function toJson({ pipeline, stages }: Plan): string {
  const { name, seed, sources, warnings } = pipeline;
  const shown = stages.map(({ id, use, params, bindings }) => ({ id, use, params, inputs: bindings }));
  return jsonText({ valid: true, name, seed, sources, stages: shown, warnings });
}
