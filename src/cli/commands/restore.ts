import { Command } from 'commander';
import { jsonText } from '../../core/json-text.ts';
import { withRegistry } from '../hints.ts';
import type { CommandFactory, Io } from '../io.ts';
import { experimentsOption, registryOf } from '../registry.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';

interface RestoreOptions {
  readonly all?: true;
  readonly json?: true;
  readonly experiments?: string;
}

export const restoreCommand: CommandFactory = cli =>
  new Command('restore')
    .summary('bring things back from the trash, or list it')
    .description(
      'Undo pipe rm and pipe gc: bring experiments and cached results back from the trash. Without arguments: list it.',
    )
    .argument('[things...]', 'exp-3, or the first characters of a cached result’s name')
    .option('--all', 'everything that is in the trash')
    .addOption(jsonOption('what is in the trash, or what was restored,'))
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe restore', 'what is there?'],
          ['pipe restore exp-3', 'bring it back'],
        ],
        exitCodes: { 1: 'it cannot be brought back' },
      }),
    )
    .action(
      cli.action((names: string[], options: RestoreOptions) =>
        names.length === 0 && options.all !== true ? list(cli.io, options) : restore(cli.io, names, options),
      ),
    );

async function list(io: Io, options: RestoreOptions): Promise<number> {
  const registry = await registryOf(io, options);
  const { listTrash } = await import('../../upkeep/trash-list.ts');
  const items = await listTrash(registry);
  if (options.json === true) io.stdout.write(jsonText(items));
  else if (items.length > 0) {
    const [{ renderThings }, { colorsFor }] = await Promise.all([
      import('../upkeep/render.ts'),
      import('../terminal.ts'),
    ]);
    io.stdout.write(renderThings(items, colorsFor(io.stdout, io.env)));
  } else {
    const { printable } = await import('../../core/printable.ts');
    io.stderr.write(`There is nothing in the trash of ${printable(registry.dir)}.\n`);
  }
  return 0;
}

async function restore(io: Io, names: readonly string[], options: RestoreOptions): Promise<number> {
  if (names.length > 0 && options.all === true) {
    const { Failure } = await import('../../core/failure.ts');
    throw new Failure({
      code: 'restore-usage',
      exitCode: 2,
      message: '--all takes no names: it restores everything',
      hint: 'pipe restore --all, or pipe restore exp-3',
    });
  }
  const registry = await registryOf(io, options);
  const [{ planRestoring, restore: bringBack }, { nameOf }] = await Promise.all([
    import('../../upkeep/restore.ts'),
    import('../upkeep/render.ts'),
  ]);
  const { things, left, missing } = bringBack(
    registry,
    planRestoring(registry, options.all === true ? undefined : names),
  );
  if (options.json === true) io.stdout.write(jsonText(things));
  else for (const thing of things) io.stdout.write(`${nameOf(thing)} restored\n`);
  for (const thing of left)
    io.stderr.write(`${nameOf(thing)} stays in the trash: there is a new one in its place\n`);
  for (const { id, neededBy, isInTrash } of missing)
    io.stderr.write(
      `${neededBy} uses outputs that lie in the folder of ${id}, which is ${isInTrash ? withRegistry(`in the trash\n  → pipe restore ${id}`, io) : 'gone'}\n`,
    );
  if (things.length === 0 && left.length === 0) io.stderr.write('There is nothing in the trash.\n');
  return 0;
}
