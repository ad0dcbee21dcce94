import { Command, Option } from 'commander';
import type { ComparisonTable } from '../../compare/table.ts';
import type { StoredExperiment } from '../../registry/index.ts';
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
  readonly experiments?: string;
}

export const compareCommand: CommandFactory = cli =>
  new Command('compare')
    .summary('compare experiments side by side')
    .description('Compare experiments: parameters that differ, metrics, times.')
    .argument('<experiments...>', 'two or more of exp-3, a tag, latest, or latest:<pipeline>')
    .option('--all', 'every parameter, not only those that differ')
    .addOption(jsonOption('the table').conflicts(['csv', 'md']))
    .addOption(new Option('--csv', 'print the table as CSV').conflicts(['json', 'md']))
    .addOption(new Option('--md', 'print the table as Markdown').conflicts(['json', 'csv']))
    .addOption(
      new Option('--plot [file.svg]', 'draw the metrics as curves into a file instead').conflicts([
        'csv',
        'md',
        'all',
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
        ],
      }),
    )
    .action(
      cli.action((references: string[], options: CompareOptions) => compare(cli.io, references, options)),
    );

async function compare(io: Io, references: readonly string[], options: CompareOptions): Promise<number> {
  const registry = await registryOf(io, options);
  const experiments = await findAll(references, reference => registry.find(reference));
  const { plot } = options;
  if (plot !== undefined) {
    const { plotExperiments } = await import('../compare/plot.ts');
    await plotExperiments(experiments, registry, { ...options, plot }, io);
    return 0;
  }
  const { compareExperiments } = await import('../../compare/compare.ts');
  const table = compareExperiments(experiments, { all: options.all === true });
  io.stdout.write(await render(table, io, options));
  const { printable } = await import('../../core/printable.ts');
  for (const note of table.notes) io.stderr.write(`${printable(note)}\n`);
  return 0;
}

/** All experiments, or one failure that lists those not found. */
async function findAll(
  references: readonly string[],
  find: (reference: string) => Promise<StoredExperiment>,
): Promise<StoredExperiment[]> {
  const results = await Promise.allSettled(references.map(find));
  const reasons = results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (reasons.length === 0)
    return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  const { Failure } = await import('../../core/failure.ts');
  const failures = reasons.filter(reason => reason instanceof Failure);
  const [first] = failures;
  if (reasons.length === 1 || first === undefined || failures.length < reasons.length) throw reasons[0];
  throw new Failure({
    code: first.code,
    exitCode: first.exitCode,
    message: `${failures.length} of the ${references.length} experiments cannot be compared`,
    details: failures.flatMap(({ message, details }) => [message, ...details.map(line => `  ${line}`)]),
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

async function render(table: ComparisonTable, io: Io, options: CompareOptions): Promise<string> {
  if (options.json === true) return (await import('../../compare/render-json.ts')).renderJson(table);
  if (options.csv === true) return (await import('../../compare/render-csv.ts')).renderCsv(table);
  if (options.md === true) return (await import('../../compare/render-markdown.ts')).renderMarkdown(table);
  const [{ renderTerminal }, { hasColor, columnsOf }] = await Promise.all([
    import('../../compare/render-terminal.ts'),
    import('../terminal.ts'),
  ]);
  return renderTerminal(table, { columns: columnsOf(io.stdout), color: hasColor(io.stdout, io.env) });
}
