import { Command } from 'commander';
import type { ProjectFile } from '../init/project-files.ts';
import type { Cli, CommandFactory, Io } from '../io.ts';
import { helpNotes } from '../help.ts';

export const initCommand: CommandFactory = cli =>
  new Command('init')
    .summary('make a project: a pipeline, a network and a stage of your own')
    .description(
      'Make a project that runs: a pipeline, its network, a stage of your own in TypeScript, and what editors and git need. Files that are there stay as they are.',
    )
    .argument('[folder]', 'where; made where it is missing', '.')
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe init', 'in this folder'],
          ['pipe init my-project', 'in a new one'],
        ],
        exitCodes: { 1: 'a file cannot be written' },
      }),
    )
    .action(cli.action((folder: string) => init(folder, cli)));

async function init(given: string, { io }: Cli): Promise<number> {
  const [path, { projectFiles }, { writeNew }] = await Promise.all([
    import('node:path'),
    import('../init/project-files.ts'),
    import('../init/write-new.ts'),
  ]);
  const folder = path.resolve(io.cwd, given);
  const kept = [];
  for (const file of await projectFiles(folder)) {
    const isNew = await writeNew(folder, file);
    io.stderr.write(`${isNew ? 'wrote' : 'kept '}  ${file.path}\n`);
    if (!isNew) kept.push(file);
  }
  await printNextSteps(io, folder, kept);
  return 0;
}

async function printNextSteps({ stderr, cwd, env }: Io, folder: string, kept: readonly ProjectFile[]) {
  const [{ missingIn }, { managerOf }, { nextCommands }, { printable }] = await Promise.all([
    import('../init/missing.ts'),
    import('../init/manager.ts'),
    import('../init/next-commands.ts'),
    import('../../core/printable.ts'),
  ]);
  const manager = managerOf(env);
  const missing = missingIn(folder, kept, manager);
  const lines = missing.map(({ file, what, how }) => `${file} ${what}\n  → ${how}`);
  const next = nextCommands({ cwd, folder, manager, missing }).map(command => `  → ${printable(command)}`);
  stderr.write(`\n${[...lines, `${lines.length > 0 ? '\n' : ''}next:`, ...next].join('\n')}\n`);
}
