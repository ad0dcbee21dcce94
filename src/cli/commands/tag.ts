import { Command } from 'commander';
import { jsonText } from '../../core/json-text.ts';
import type { Registry } from '../../registry/index.ts';
import { withRegistry } from '../hints.ts';
import type { Cli, CommandFactory, Io } from '../io.ts';
import type { ListedStatus } from '../list/entry.ts';
import { experimentsOption, registryOf } from '../registry.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';

interface TagOptions {
  readonly delete?: string;
  readonly force?: true;
  readonly json?: true;
  readonly experiments?: string;
}

export const tagCommand: CommandFactory = cli =>
  new Command('tag')
    .summary('name an experiment, such as best')
    .description(
      'Give an experiment a name that stands for it wherever one is asked for. Without arguments: list the tags.',
    )
    .argument('[experiment]', 'exp-3, another tag, latest, or latest:<pipeline>')
    .argument('[name]', 'letters, digits, ".", "_" and "-"')
    .option('--force', 'move a tag that points to another experiment')
    .option('--delete <name>', 'remove a tag; its experiment stays')
    .addOption(jsonOption('the tags'))
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe tag exp-12 best', 'from now on best means exp-12'],
          ['pipe tag --force exp-15 best', 'move it'],
          ['pipe tag --delete best', 'remove it'],
        ],
      }),
    )
    .action(
      cli.action((reference: string | undefined, name: string | undefined, options: TagOptions) =>
        tag(reference, name, options, cli),
      ),
    );

async function tag(
  reference: string | undefined,
  name: string | undefined,
  options: TagOptions,
  { io }: Cli,
): Promise<number> {
  await checkUsage(reference, name, options);
  const registry = await registryOf(io, options);
  if (options.delete !== undefined) remove(io, registry, options.delete);
  else if (reference !== undefined && name !== undefined)
    await set(io, registry, reference, name, options.force === true);
  else await list(io, registry, options.json === true);
  return 0;
}

async function checkUsage(
  reference: string | undefined,
  name: string | undefined,
  { delete: deleted, force, json }: TagOptions,
): Promise<void> {
  const isSetting = reference !== undefined;
  const mistakes: readonly (readonly [boolean, string])[] = [
    [
      deleted !== undefined && (isSetting || force === true || json === true),
      '--delete takes the name of a tag and nothing else',
    ],
    [isSetting && name === undefined, 'a tag needs a name'],
    [json === true && isSetting, '--json is for the list of tags'],
    [force === true && !isSetting, '--force moves a tag to an experiment, and needs both'],
  ];
  const message = mistakes.find(([isMade]) => isMade)?.[1];
  if (message === undefined) return;
  const { Failure } = await import('../../core/failure.ts');
  throw new Failure({
    code: 'tag-usage',
    exitCode: 2,
    message,
    hint: 'pipe tag exp-12 best · pipe tag --force exp-12 best · pipe tag --delete best · pipe tag',
  });
}

async function set(io: Io, registry: Registry, reference: string, name: string, force: boolean) {
  registry.tags.check(name);
  const { id } = await registry.find(reference);
  const before = registry.tags.set(name, id, { force });
  const words = before === undefined ? '' : before === id ? ', as before' : `, moved from ${before}`;
  io.stdout.write(`${name} → ${id}${words}\n`);
}

function remove(io: Io, registry: Registry, name: string): void {
  const before = registry.tags.remove(name);
  io.stdout.write(`${name} removed${before === undefined ? '' : `, it pointed to ${before}`}\n`);
}

interface ListedTag {
  readonly tag: string;
  /** Null when the tag's file is damaged. */
  readonly experiment: string | null;
  /** Null when the experiment is gone or cannot be read. */
  readonly pipeline: string | null;
  readonly status: ListedStatus | 'gone' | 'damaged';
}

async function list(io: Io, registry: Registry, isJson: boolean): Promise<void> {
  const { tags, damaged } = registry.tags.all();
  const listed: ListedTag[] = damaged.map(tag => ({
    tag,
    experiment: null,
    pipeline: null,
    status: 'damaged',
  }));
  for (const [tag, experiment] of tags) {
    const entry = await registry.entry(experiment);
    const isReadable = entry !== undefined && !('problem' in entry);
    const status = isReadable ? entry.status : entry === undefined ? 'gone' : 'unreadable';
    listed.push({ tag, experiment, pipeline: isReadable ? entry.record.pipeline.name : null, status });
  }
  listed.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  if (isJson) io.stdout.write(jsonText(listed));
  else if (listed.length > 0) io.stdout.write(await toText(listed, io));
  else io.stderr.write(withRegistry('There are no tags yet.\n  → pipe tag exp-1 best makes one.\n', io));
}

async function toText(tags: readonly ListedTag[], io: Io): Promise<string> {
  const [{ alignColumns }, { MISSING }, { printable }, { colorsFor }, { paintStatus }] = await Promise.all([
    import('../../core/align-columns.ts'),
    import('../../core/format.ts'),
    import('../../core/printable.ts'),
    import('../terminal.ts'),
    import('../list/render.ts'),
  ]);
  const colors = colorsFor(io.stdout, io.env);
  const head = ['tag', 'experiment', 'pipeline', 'status'].map(colors.bold);
  const rows = tags.map(({ tag, experiment, pipeline, status }) => [
    tag,
    experiment ?? MISSING,
    printable(pipeline ?? MISSING),
    status === 'gone' || status === 'damaged' ? colors.red(status) : paintStatus(status, colors),
  ]);
  return alignColumns([head, ...rows]);
}
