import { Command, InvalidArgumentError, Option } from 'commander';
import { Failure } from '../../core/failure.ts';
import { jsonText } from '../../core/json-text.ts';
import { printable } from '../../core/printable.ts';
import type { Registry, UnreadableExperiment } from '../../registry/index.ts';
import { withRegistry } from '../hints.ts';
import type { CommandFactory, Io } from '../io.ts';
import type { Entry, ListedStatus } from '../list/entry.ts';
import type { Tags } from '../list/names.ts';
import { STATUSES } from '../list/entry.ts';
import { experimentsOption, registryOf } from '../registry.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';

interface ListOptions {
  readonly status?: ListedStatus;
  readonly pipeline?: string;
  readonly where?: string;
  readonly columns?: string;
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
  readonly experiments?: string;
}

export const listCommand: CommandFactory = cli =>
  new Command('list')
    .summary('list experiments: status, times, metrics')
    .description('List experiments: status, times, metrics. The newest comes first.')
    .addOption(new Option('--status <status>', 'only those of this status').choices(STATUSES))
    .option('--pipeline <name>', 'only those of this pipeline')
    .option('--where <condition>', 'only those for which it holds, such as "train.epochs>=20 and kid<0.05"')
    .option('--columns <names>', 'parameters, metrics and facts to show, such as train.learningRate,kid,seed')
    .option('--sort <key>', 'by id, created, duration, or the best value of a metric')
    .option('--reverse', 'the other way round')
    .option('--limit <n>', 'the first n only', wholeNumber)
    .addOption(jsonOption('the records'))
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe list --pipeline cgan --limit 5', 'the last five of a pipeline'],
          ['pipe list --sort d_accuracy', 'the best first'],
          ["pipe list --where 'train.learningRate<0.001 and status=finished'", 'those alone'],
          ['pipe list --columns train.learningRate,kid --sort kid', 'what led to which score'],
        ],
      }),
    )
    .action(cli.action((options: ListOptions) => list(cli.io, options)));

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

async function list(io: Io, options: ListOptions): Promise<number> {
  const registry = await registryOf(io, options);
  const { entriesOf } = await import('../list/entry.ts');
  const all = entriesOf(await registry.summaries());
  const tags = registry.tags.all().byId;
  const { protocolsOf, selectEntries } = await import('../list/select.ts');
  const entries = selectEntries(await filtered(all, options, { tags, cwd: io.cwd }), options);
  const { sort } = options;
  const protocols = sort === undefined ? 0 : protocolsOf(entries, sort).length;
  if (sort !== undefined && protocols > 1) io.stderr.write(severalProtocols(sort, protocols));
  if (options.json === true) await writeJson(io, entries, registry, tags);
  else if (entries.length > 0) io.stdout.write(await toText(entries, io, tags, options));
  else io.stderr.write(withRegistry(nothing(all.length, registry.dir), io));
  return 0;
}

async function toText(
  entries: readonly Entry[],
  io: Io,
  tags: Tags,
  { sort, columns }: ListOptions,
): Promise<string> {
  const [{ renderList }, { colorsFor, columnsOf }] = await Promise.all([
    import('../list/render.ts'),
    import('../terminal.ts'),
  ]);
  const style = { colors: colorsFor(io.stdout, io.env), columns: columnsOf(io.stdout), tags };
  const names =
    columns === undefined
      ? {}
      : { names: (await import('../list/columns.ts')).chosenNames(columns, entries) };
  return renderList(entries, { ...style, ...names, ...(sort === undefined ? {} : { metric: sort }) });
}

/** Without a condition nothing of it is loaded. */
async function filtered(
  entries: readonly Entry[],
  { where }: ListOptions,
  around: { readonly tags: Tags; readonly cwd: string },
): Promise<readonly Entry[]> {
  if (where === undefined) return entries;
  return (await import('../list/where.ts')).entriesWhere(entries, where, around);
}

/** Writes stored records with folder, shown status and tags, one after the other. */
async function writeJson(
  { stdout }: Io,
  entries: readonly Entry[],
  registry: Registry,
  byId: Tags,
): Promise<void> {
  let before = '[';
  for (const entry of entries) {
    const document = 'problem' in entry ? unreadable(entry) : await documentOf(entry, registry);
    if (document === undefined) continue;
    const text = jsonText([{ ...document, tags: byId.get(entry.id) ?? [] }]);
    stdout.write(`${before}${text.slice('['.length, -'\n]\n'.length)}`);
    before = ',';
  }
  stdout.write(before === '[' ? '[]\n' : '\n]\n');
}

const unreadable = ({ id, problem, dir }: UnreadableExperiment) => ({
  id,
  status: 'unreadable',
  problem,
  dir,
});

/** Undefined if it was removed meanwhile. */
async function documentOf({ id }: Entry, registry: Registry): Promise<object | undefined> {
  try {
    const { record, status, dir } = await registry.read(id);
    return { ...record, status, dir };
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

const severalProtocols = (metric: string, protocols: number): string =>
  `${printable(metric)} was measured in ${protocols} ways, which cannot be compared: sorted within each.\n`;

function nothing(count: number, dir: string): string {
  if (count > 0) return `None of the ${count} experiments in ${printable(dir)} is like that.\n`;
  return `There are no experiments in ${printable(dir)} yet.\n  → pipe run <pipeline> makes the first; pipe init makes a project with a pipeline.\n`;
}
