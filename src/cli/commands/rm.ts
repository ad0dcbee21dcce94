import { Command } from 'commander';
import { jsonText } from '../../core/json-text.ts';
import type { Removal } from '../../upkeep/remove.ts';
import { withRegistry } from '../hints.ts';
import type { CommandFactory, Io } from '../io.ts';
import { experimentsOption, registryOf } from '../registry.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';

interface RmOptions {
  readonly force?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly experiments?: string;
}

export const rmCommand: CommandFactory = cli =>
  new Command('rm')
    .summary('move experiments to the trash')
    .description(
      'Move experiments to the trash, all of those named or none. One that runs, that a tag names or that another one needs stays. pipe restore undoes it; pipe gc --empty-trash frees the space.',
    )
    .argument('<experiments...>', 'such as exp-3')
    .option(
      '--force',
      'also one that a tag names, that another one extends, that cannot be read, or whose process is on another machine',
    )
    .option('--dry-run', 'only say what would be removed')
    .addOption(jsonOption('what is removed'))
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [['pipe rm exp-3 exp-4', 'both, or neither']],
        exitCodes: { 1: 'something needs one of them, so that all stay' },
      }),
    )
    .action(cli.action((ids: string[], options: RmOptions) => rm(cli.io, ids, options)));

async function rm(io: Io, ids: readonly string[], options: RmOptions): Promise<number> {
  const registry = await registryOf(io, options);
  const { planRemoval, remove } = await import('../../upkeep/remove.ts');
  const force = options.force === true;
  const plan = await planRemoval(registry, ids, force);
  const removals = options.dryRun === true ? plan.removals : await remove(registry, plan, force);
  if (options.json === true) io.stdout.write(jsonText(removals));
  else await print(io, removals, options);
  return 0;
}

async function print(io: Io, removals: readonly Removal[], { dryRun }: RmOptions): Promise<void> {
  const [{ renderRemovals }, { colorsFor }, { formatBytes }] = await Promise.all([
    import('../upkeep/render.ts'),
    import('../terminal.ts'),
    import('../../core/format.ts'),
  ]);
  io.stdout.write(renderRemovals(removals, colorsFor(io.stdout, io.env)));
  const ids = removals.map(({ id }) => id).join(' ');
  const bytes = formatBytes(removals.reduce((sum, each) => sum + each.bytes, 0));
  for (const { id, reproducedBy } of removals)
    if (reproducedBy.length > 0) io.stderr.write(`${id} was reproduced by ${reproducedBy.join(', ')}.\n`);
  const words =
    dryRun === true
      ? 'Nothing was removed: this is what would go to the trash.'
      : `In the trash now: pipe restore ${ids} undoes it, pipe gc --empty-trash frees ${bytes}.`;
  io.stderr.write(`${withRegistry(words, io)}\n`);
}
