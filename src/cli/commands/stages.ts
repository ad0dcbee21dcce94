import { resolve } from 'node:path';
import { Command } from 'commander';
import { jsonText } from '../../core/json-text.ts';
import { printable } from '../../core/printable.ts';
import type { AnyStage } from '../../core/stage.ts';
import { alignColumns } from '../../core/align-columns.ts';
import type { Cli, CommandFactory, Io } from '../io.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';

interface Options {
  readonly json?: true;
}

export const stagesCommand: CommandFactory = cli =>
  new Command('stages')
    .summary('list the stages, or explain one')
    .description(
      'List every stage. With a name or the path of a stage file: explain one with its parameters.',
    )
    .argument('[name]', 'a stage, or the path of a stage file')
    .addOption(jsonOption('the stages'))
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe stages train', 'every parameter of a stage'],
          ['pipe stages ./my-stages/blur.ts', 'of one of your own'],
        ],
      }),
    )
    .action(cli.action((name: string | undefined, options: Options) => stages(cli, name, options)));

async function stages({ io }: Cli, name: string | undefined, { json }: Options): Promise<number> {
  if (name !== undefined) {
    const stage = await findStage(name, io);
    const { stageDocument } = await import('../stage-document.ts');
    const { describeStage } = await import('../stage-help.ts');
    io.stdout.write(json ? jsonText(stageDocument(stage)) : describeStage(stage));
    return 0;
  }
  const { loadBuiltInStages } = await import('../../config/catalog.ts');
  const all = await loadBuiltInStages();
  const { stageDocument } = await import('../stage-document.ts');
  io.stdout.write(json ? jsonText(all.map(stageDocument)) : list(all));
  return 0;
}

const list = (all: readonly AnyStage[]): string =>
  alignColumns(all.map(({ name, summary }) => [name, summary])) + '\npipe stages <name> explains one.\n';

async function findStage(name: string, io: Io): Promise<AnyStage> {
  const { isStagePath } = await import('../../config/stage-reference.ts');
  if (isStagePath(name)) return loadFromFile(name, io);
  const { builtInStageNames, loadBuiltInStage } = await import('../../config/catalog.ts');
  const names = builtInStageNames();
  if (names.includes(name)) return loadBuiltInStage(name);
  const { didYouMean } = await import('../../core/nearest.ts');
  const { Failure } = await import('../../core/failure.ts');
  const meant = didYouMean(name, names);
  throw new Failure({
    code: 'unknown-stage',
    message: `unknown stage "${printable(name)}"`,
    exitCode: 2,
    details: [...(meant === undefined ? [] : [meant]), `the stages are ${names.join(', ')}`],
    hint: 'a stage of your own is named by its file: pipe stages ./my-stages/blur.ts',
  });
}

async function loadFromFile(file: string, { cwd }: Io): Promise<AnyStage> {
  const { loadUserStage } = await import('../../config/user-stage.ts');
  const loaded = await loadUserStage(resolve(cwd, file), file, cwd);
  if ('stage' in loaded) return loaded.stage;
  const { Failure } = await import('../../core/failure.ts');
  throw new Failure({
    code: 'broken-stage',
    message: `${file} is not a stage that can be used`,
    exitCode: 2,
    problems: loaded.problems,
  });
}
