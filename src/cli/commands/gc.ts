import { Command, InvalidArgumentError } from 'commander';
import { jsonText } from '../../core/json-text.ts';
import type { Failure } from '../../core/failure.ts';
import type { Registry } from '../../registry/index.ts';
import type { Kept } from '../../upkeep/choose.ts';
import type { Collected } from '../../upkeep/collect.ts';
import type { Ended } from '../../upkeep/empty.ts';
import { withRegistry } from '../hints.ts';
import type { CommandFactory, Io } from '../io.ts';
import { experimentsOption, registryOf } from '../registry.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';

interface GcOptions {
  readonly failed?: true;
  readonly keep?: number;
  /** Days. */
  readonly olderThan?: number;
  readonly emptyTrash?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly experiments?: string;
}

const DAY = 24 * 60 * 60 * 1000;

export const gcCommand: CommandFactory = cli =>
  new Command('gc')
    .summary('collect what nothing needs, empty the trash')
    .description(
      'Move cached results that no experiment has, or that are damaged, to the trash, and delete what killed processes left unfinished. With --failed and --keep also experiments, but none that runs, that a tag names or that another one needs.',
    )
    .option('--failed', 'also experiments that failed, crashed or were interrupted')
    .option('--keep <n>', 'also finished experiments, but the newest n of each pipeline', wholeNumber)
    .option('--older-than <days>', 'of the experiments, or in the trash, only what is older', positiveNumber)
    .option('--empty-trash', 'delete what is in the trash, for good')
    .option('--dry-run', 'only say what would be done')
    .addOption(jsonOption('what is collected or deleted'))
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe gc --dry-run', 'what would go, and the bytes that it would free'],
          ['pipe gc --failed --older-than 30', 'also what did not finish'],
          ['pipe gc --empty-trash', 'free the space'],
        ],
        exitCodes: { 1: 'something cannot be deleted' },
      }),
    )
    .action(cli.action((options: GcOptions) => gc(cli.io, options)));

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 0.');
  return Number(text);
}

function positiveNumber(text: string): number {
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text))
    throw new InvalidArgumentError('It is a number of days, such as 30 or 0.5.');
  return Number(text);
}

async function gc(io: Io, options: GcOptions): Promise<number> {
  await checkUsage(options);
  const registry = await registryOf(io, options);
  return options.emptyTrash === true
    ? emptyTrash(io, registry, options)
    : collectGarbage(io, registry, options);
}

async function checkUsage({ failed, keep, olderThan, emptyTrash }: GcOptions): Promise<void> {
  const choosesExperiments = failed === true || keep !== undefined;
  const mistakes: readonly (readonly [boolean, string])[] = [
    [emptyTrash === true && choosesExperiments, '--empty-trash only empties the trash; it collects nothing'],
    [
      olderThan !== undefined && emptyTrash !== true && !choosesExperiments,
      '--older-than says how old experiments or things in the trash are, and needs --failed, --keep or --empty-trash',
    ],
  ];
  const message = mistakes.find(([isMade]) => isMade)?.[1];
  if (message === undefined) return;
  const { Failure } = await import('../../core/failure.ts');
  const hint = 'pipe gc --failed --older-than 30 · pipe gc --keep 5 · pipe gc --empty-trash';
  throw new Failure({ code: 'gc-usage', exitCode: 2, message, hint });
}

const beforeOf = ({ olderThan }: GcOptions): Date | undefined =>
  olderThan === undefined ? undefined : new Date(Date.now() - olderThan * DAY);

interface Done {
  readonly things: readonly (Collected | Ended)[];
  readonly kept: readonly Kept[];
  readonly failures?: readonly Failure[];
}

async function collectGarbage(io: Io, registry: Registry, options: GcOptions): Promise<number> {
  const { collect, planCollection } = await import('../../upkeep/collect.ts');
  const { failed, keep, dryRun } = options;
  const plan = await planCollection(registry, { failed, keep, before: beforeOf(options) });
  return report(io, options, dryRun === true ? plan : await collect(registry, plan));
}

async function emptyTrash(io: Io, registry: Registry, options: GcOptions): Promise<number> {
  const { empty, planEmptying } = await import('../../upkeep/empty.ts');
  const plan = await planEmptying(registry, beforeOf(options));
  return report(io, options, options.dryRun === true ? plan : { ...plan, ...empty(registry, plan) });
}

/** Reports what was done, then throws the first failure. */
async function report(io: Io, options: GcOptions, { things, kept, failures = [] }: Done): Promise<number> {
  const [{ keptLines, renderThings }, { colorsFor }] = await Promise.all([
    import('../upkeep/render.ts'),
    import('../terminal.ts'),
  ]);
  if (options.json === true) {
    const stays = kept.map(({ id, because }) => ({ id, because: because.map(({ message }) => message) }));
    io.stdout.write(jsonText({ things, kept: stays }));
  } else {
    if (things.length > 0) io.stdout.write(renderThings(things, colorsFor(io.stdout, io.env)));
    io.stderr.write(withRegistry(keptLines(kept) + (await closingWords(things, options)), io));
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return 0;
}

async function closingWords(things: Done['things'], { dryRun, emptyTrash }: GcOptions): Promise<string> {
  const { counted, formatBytes } = await import('../../core/format.ts');
  if (things.length === 0)
    return emptyTrash === true
      ? 'There is nothing to delete in the trash.\n'
      : 'There is nothing to collect.\n';
  const deleted = things.filter(({ kind }) => emptyTrash === true || kind === 'leftover');
  const trashed = things.filter(thing => !deleted.includes(thing));
  const bytesOf = (list: Done['things']) => formatBytes(list.reduce((sum, { bytes }) => sum + bytes, 0));
  const count = counted(trashed.length, 'thing');
  const moves =
    dryRun === true
      ? `Would go to the trash: ${count}; emptying it would free ${bytesOf(trashed)}.\n`
      : `In the trash now: ${count}; pipe restore lists them, pipe gc --empty-trash frees ${bytesOf(trashed)}.\n`;
  const deletes = `${dryRun === true ? 'Would be deleted' : 'Deleted'} for good: ${bytesOf(deleted)}.\n`;
  return (trashed.length === 0 ? '' : moves) + (deleted.length === 0 ? '' : deletes);
}
