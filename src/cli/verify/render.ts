import { counted, formatBytes, formatDuration } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { Report, Totals } from '../../verify/report.ts';
import type { Colors } from '../terminal.ts';

/** Most problems and unexpected files to list; JSON has all. */
const SHOWN = 10;
/** Characters of a fingerprint to show. */
const FINGERPRINT = 12;

/**
 *     exp-1   ok          41 files   184.3 MB
 *     exp-2   damaged     12 files     1.2 MB
 *       changed     pipeline.yaml: its content is not what was recorded
 *       → pipe reproduce exp-2 makes it again
 *
 * @param width Characters of the longest name.
 */
export function renderReport(report: Report, width: number, colors: Colors): string {
  const { problems, unexpected, hint, files, bytes } = report;
  const state = problems.length > 0 ? colors.red('damaged') : colors.green('ok     ');
  const size =
    report.kind === 'tag' ? '' : `${counted(files, 'file').padStart(10)}  ${formatBytes(bytes).padStart(8)}`;
  const first = [nameOf(report).padEnd(width), state, size, notesOf(report)].join('  ').trimEnd();
  return [
    first,
    ...some(problems, ({ kind, path, words }) => {
      const rest = words === '' ? '' : `: ${printable(words)}`;
      return `${colors.red(kind.padEnd(10))}  ${printable(path)}${rest}`;
    }),
    ...some(unexpected, path => `${colors.yellow('unexpected')}  ${printable(path)}`),
    ...(hint === null ? [] : [`  → ${printable(hint)}`]),
  ]
    .map(line => `${line}\n`)
    .join('');
}

function nameOf({ kind, name }: Report): string {
  if (kind === 'experiment') return name;
  return kind === 'tag' ? `tag ${name}` : `cache ${name.slice(0, FINGERPRINT)}`;
}

function notesOf({ status, unfinished, withoutHashes }: Report): string {
  return [
    ...(unfinished.length === 0 ? [] : [`${status ?? 'unfinished'}, not checked: ${unfinished.join(', ')}`]),
    ...(withoutHashes.length === 0 ? [] : [`recorded without hashes: ${withoutHashes.join(', ')}`]),
  ]
    .map(printable)
    .join('; ');
}

function some<T>(all: readonly T[], line: (each: T) => string): string[] {
  const shown = all.slice(0, SHOWN).map(each => `  ${line(each)}`);
  const more = all.length - SHOWN;
  return more > 0 ? [...shown, `  … and ${more} more; --json names all`] : shown;
}

/** The summary. `ms` is the duration in milliseconds. */
export function renderTotals(totals: Totals, ms: number, colors: Colors): string {
  const { experiments, entries, tags, files, bytesRead, damaged } = totals;
  const things = [
    counted(experiments, 'experiment'),
    ...(entries === 0 ? [] : [counted(entries, 'cached result')]),
    ...(tags === 0 ? [] : [counted(tags, 'tag')]),
  ];
  const work = `${counted(files, 'file')}, ${formatBytes(bytesRead)} read in ${formatDuration(ms)}`;
  const outcome =
    damaged === 0
      ? colors.green('everything is as it was recorded')
      : colors.red(`${damaged} ${damaged === 1 ? 'is' : 'are'} damaged`);
  return `\n${things.join(', ')}: ${work}; ${outcome}\n`;
}
