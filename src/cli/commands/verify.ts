import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { jsonText } from '../../core/json-text.ts';
import type { Registry } from '../../registry/index.ts';
import type { Report, Totals } from '../../verify/report.ts';
import { withRegistry } from '../hints.ts';
import type { CommandFactory, Io } from '../io.ts';
import { experimentsOption, registryOf } from '../registry.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';

interface VerifyOptions {
  readonly json?: true;
  readonly experiments?: string;
}

export const verifyCommand: CommandFactory = cli =>
  new Command('verify')
    .summary('compare every recorded file with its hash')
    .description(
      'Compare every recorded file with its hash, by content, and say what is missing, changed or unexpected. Change nothing.',
    )
    .argument(
      '[experiments...]',
      'exp-3, tags, latest, or latest:<pipeline>; by default all, the cache and the tags',
    )
    .addOption(jsonOption('the findings'))
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe verify', 'everything'],
          ['pipe verify exp-3 best', 'two experiments'],
        ],
        exitCodes: { 1: 'something is damaged' },
      }),
    )
    .action(
      cli.action((references: string[], options: VerifyOptions) => verifyAll(cli.io, references, options)),
    );

/** Verifies and prints; returns 1 when something is damaged. */
async function verifyAll(io: Io, references: readonly string[], options: VerifyOptions): Promise<number> {
  const began = performance.now();
  const registry = await registryOf(io, options);
  const ids = references.length === 0 ? undefined : await idsOf(registry, references);
  const [{ verify }, { FileChecker }, { openProgress }] = await Promise.all([
    import('../../verify/verify.ts'),
    import('../../verify/file-checker.ts'),
    import('../verify/progress.ts'),
  ]);
  const progress = openProgress(io.stderr);
  const checker = new FileChecker(path => progress.at(path, checker.bytesRead));
  const reports: Report[] = [];
  const show = options.json === true ? () => {} : await reportPrinter(io, registry, ids);
  for await (const report of verify(registry, ids, checker)) {
    reports.push(report);
    progress.clear();
    show(report);
  }
  progress.clear();
  const totals = sumUp(reports, checker.bytesRead);
  const ms = performance.now() - began;
  if (options.json === true) io.stdout.write(toJson(reports, totals, ms));
  else await showTotals(io, registry, totals, ms);
  return totals.damaged === 0 ? 0 : 1;
}

/** Ids without duplicates, in the given order, unreadable experiments included. */
async function idsOf(registry: Registry, references: readonly string[]): Promise<readonly string[]> {
  const { experimentNumber } = await import('../../registry/index.ts');
  const ids = new Set<string>();
  for (const reference of references) {
    const isId = experimentNumber(reference) !== undefined && existsSync(join(registry.dir, reference));
    ids.add(isId ? reference : (await registry.find(reference)).id);
  }
  return [...ids];
}

/** A printer of reports: all experiments, and of the cache and the tags only faults. */
async function reportPrinter(
  io: Io,
  registry: Registry,
  ids: readonly string[] | undefined,
): Promise<(report: Report) => void> {
  const [{ renderReport }, { colorsFor }] = await Promise.all([
    import('../verify/render.ts'),
    import('../terminal.ts'),
  ]);
  const width = Math.max(0, ...(ids ?? registry.ids().slice(-1)).map(id => id.length));
  const colors = colorsFor(io.stdout, io.env);
  return report => {
    const isWorthALine =
      report.kind === 'experiment' || report.problems.length > 0 || report.unexpected.length > 0;
    const shown = { ...report, hint: report.hint && withRegistry(report.hint, io) };
    if (isWorthALine) io.stdout.write(renderReport(shown, width, colors));
  };
}

function sumUp(reports: readonly Report[], bytesRead: number): Totals {
  const count = (kind: Report['kind']) => reports.filter(report => report.kind === kind).length;
  return {
    experiments: count('experiment'),
    entries: count('cache'),
    tags: count('tag'),
    files: reports.reduce((sum, { files }) => sum + files, 0),
    bytesRead,
    damaged: reports.filter(({ problems }) => problems.length > 0).length,
  };
}

async function showTotals(io: Io, { dir }: Registry, totals: Totals, ms: number): Promise<void> {
  const [{ renderTotals }, { colorsFor }, { printable }] = await Promise.all([
    import('../verify/render.ts'),
    import('../terminal.ts'),
    import('../../core/printable.ts'),
  ]);
  if (totals.experiments + totals.entries + totals.tags === 0)
    io.stderr.write(`There is nothing to verify in ${printable(dir)} yet.\n`);
  else io.stdout.write(renderTotals(totals, ms, colorsFor(io.stdout, io.env)));
}

function toJson(reports: readonly Report[], totals: Totals, ms: number): string {
  const of = (kind: Report['kind']) =>
    reports.flatMap(({ kind: own, ...report }) => (own === kind ? [report] : []));
  const findings = { experiments: of('experiment'), cache: of('cache'), tags: of('tag') };
  const { files, bytesRead, damaged } = totals;
  return jsonText({ ok: damaged === 0, damaged, files, bytesRead, ms, ...findings });
}
