import { Command, Option } from 'commander';
import type { ComparisonTable } from '../../compare/table.ts';
import type { Registry, StoredExperiment } from '../../registry/index.ts';
import type { CommandFactory, Io } from '../io.ts';
import { experimentsOption, registryOf } from '../registry.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';

interface CompareOptions {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly md?: boolean;
  readonly plot?: string | true;
  readonly where?: string;
  readonly groupBy?: string;
  readonly baseline?: string;
  readonly experiments?: string;
}

export const compareCommand: CommandFactory = cli =>
  new Command('compare')
    .summary('compare experiments side by side')
    .description('Compare experiments: parameters that differ, metrics, times.')
    .argument('[experiments...]', 'two or more of exp-3, a tag, latest, or latest:<pipeline>')
    .option('--all', 'every parameter, not only those that differ')
    .option('--where <condition>', 'only those for which it holds, of all if none is named')
    .option(
      '--group-by <keys>',
      'means of repeats by a parameter, pipeline, sweep or point, of all if none is named',
    )
    .option('--baseline <group>', 'the group that others are compared with, by default the first one')
    .addOption(jsonOption('the table').conflicts(['csv', 'md']))
    .addOption(new Option('--csv', 'print the table as CSV').conflicts(['json', 'md']))
    .addOption(new Option('--md', 'print the table as Markdown').conflicts(['json', 'csv']))
    .addOption(
      new Option('--plot [file.svg]', 'draw the metrics as curves into a file instead').conflicts([
        'csv',
        'md',
        'all',
        'groupBy',
      ]),
    )
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe compare exp-1 exp-2', 'side by side'],
          ['pipe compare best latest --md > comparison.md', 'for a document'],
          ['pipe compare exp-1 exp-2 --plot', 'their curves, in compare-exp-1-exp-2.svg'],
          ['pipe compare --group-by pipeline', 'is one better by more than noise?'],
        ],
      }),
    )
    .action(
      cli.action((references: string[], options: CompareOptions) => compare(cli.io, references, options)),
    );

async function compare(io: Io, references: readonly string[], options: CompareOptions): Promise<number> {
  const { plot, where, groupBy, baseline } = options;
  if (baseline !== undefined && groupBy === undefined)
    throw await unusable('--baseline is for --group-by alone');
  if (references.length === 0 && (where ?? groupBy) === undefined)
    throw await unusable('name the experiments to compare');
  const registry = await registryOf(io, options);
  const experiments = await choose(references, registry, options, io.cwd);
  if (plot !== undefined) {
    const { plotExperiments } = await import('../compare/plot.ts');
    await plotExperiments(experiments, registry, { ...options, plot }, io);
    return 0;
  }
  const table =
    groupBy === undefined
      ? await writeTable(experiments, io, options)
      : await writeGroups(experiments, io, { ...options, groupBy });
  const { printable } = await import('../../core/printable.ts');
  for (const note of table.notes) io.stderr.write(`${printable(note)}\n`);
  return 0;
}

async function choose(
  references: readonly string[],
  registry: Registry,
  { where }: CompareOptions,
  cwd: string,
): Promise<readonly StoredExperiment[]> {
  const { allExperiments, experimentsWhere, findAll } = await import('../compare/chosen.ts');
  const named = await findAll(references, reference => registry.find(reference));
  if (where !== undefined)
    return experimentsWhere(
      registry,
      where,
      cwd,
      named.map(({ id }) => id),
    );
  return references.length === 0 ? allExperiments(registry) : named;
}

/** Returns what it has written. */
async function writeTable(
  experiments: readonly StoredExperiment[],
  io: Io,
  options: CompareOptions,
): Promise<ComparisonTable> {
  const { compareExperiments } = await import('../../compare/compare.ts');
  const table = compareExperiments(experiments, { all: options.all === true });
  const json = async () => (await import('../../compare/render-json.ts')).renderJson(table);
  io.stdout.write(options.json === true ? await json() : await render(table, io, options));
  return table;
}

async function writeGroups(
  experiments: readonly StoredExperiment[],
  io: Io,
  options: CompareOptions & { readonly groupBy: string },
): Promise<ComparisonTable> {
  const { compareByGroups } = await import('../compare/groups.ts');
  const comparison = compareByGroups(experiments, options);
  const { table } = comparison;
  const json = async () => (await import('../../compare/groups/render-json.ts')).renderGroupsJson(comparison);
  io.stdout.write(options.json === true ? await json() : await render(table, io, options));
  return table;
}

async function unusable(message: string): Promise<Error> {
  const { Failure } = await import('../../core/failure.ts');
  return new Failure({ code: 'wrong-usage', exitCode: 2, message, hint: 'pipe compare --help' });
}

async function render(table: ComparisonTable, io: Io, options: CompareOptions): Promise<string> {
  if (options.csv === true) return (await import('../../compare/render-csv.ts')).renderCsv(table);
  if (options.md === true) return (await import('../../compare/render-markdown.ts')).renderMarkdown(table);
  const [{ renderTerminal }, { hasColor, columnsOf }] = await Promise.all([
    import('../../compare/render-terminal.ts'),
    import('../terminal.ts'),
  ]);
  return renderTerminal(table, { columns: columnsOf(io.stdout), color: hasColor(io.stdout, io.env) });
}
