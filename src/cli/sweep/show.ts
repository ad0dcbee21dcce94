import { alignColumns } from '../../core/align-columns.ts';
import { cut, formatDuration, MISSING } from '../../core/format.ts';
import { jsonText } from '../../core/json-text.ts';
import { markdownTable, markdownText } from '../../core/markdown.ts';
import { printable } from '../../core/printable.ts';
import { repeatsOf } from '../../sweep/definition.ts';
import { reportOf, type Counts, type SweepReport } from '../../sweep/report.ts';
import type { Damage, OpenedSweep } from '../../sweep/stored.ts';
import type { Colors } from '../terminal.ts';
import { rankingTable, textOf, valueText } from './table.ts';

/** The ranking for a terminal, with the importance of what varies. */
export function showSweep(sweep: OpenedSweep, colors: Colors, columns: number): string {
  const { definition } = sweep;
  const report = reportOf(sweep);
  const { head, rows, right } = rankingTable(definition, report.ranking);
  const aligns = right.map(isRight => (isRight ? ('right' as const) : ('left' as const)));
  const table = alignColumns([head.map(colors.bold), ...rows], aligns);
  const shown = columns === Infinity ? table : cutLines(table, columns);
  return `${heading(report, sweep, colors)}\n\n${rows.length === 0 ? 'no point yet\n' : shown}${importanceText(report, colors)}${failuresText(sweep)}`;
}

/** Lines as wide as the terminal: the experiments at the end are the least important. */
const cutLines = (text: string, columns: number): string =>
  text
    .split('\n')
    .map(line => (line.includes('\u001b') ? line : cut(line, columns)))
    .join('\n');

function heading(report: SweepReport, { definition, state }: OpenedSweep, colors: Colors): string {
  const { id, name, status, why, counts, objective, best } = report;
  const better = objective.direction === 'min' ? 'smaller is better' : 'larger is better';
  const seeds = repeatsOf(definition) > 1 ? `, ${repeatsOf(definition)} seeds each` : '';
  const end = status === 'complete' ? `complete: ${why ?? ''}` : status;
  const lead = best === undefined ? '' : `; best: point ${best.point.number}, ${valueText(best)}`;
  return [
    `${colors.bold(id)}  ${printable(`${name} · ${end}`)}`,
    `${countsText(counts)} · ${formatDuration(state.spentMs)}${seeds}`,
    printable(`${objective.stage}.${objective.metric}, ${better}${lead}`),
  ].join('\n');
}

/** `4 done, 1 running, 1 failed`. */
export function countsText({ finished, running, waiting, paused, pruned, failed }: Counts): string {
  const parts = [
    [finished, 'done'],
    [running, 'running'],
    [paused, 'paused'],
    [pruned, 'pruned'],
    [waiting, 'waiting'],
    [failed, 'failed'],
  ] as const;
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, word]) => `${count} ${word}`)
      .join(', ') || 'no trials yet'
  );
}

/** Fewer best points make shares that change much with the next one. */
const FEW = 5;

function importanceText({ importance }: SweepReport, colors: Colors): string {
  if (importance === undefined || importance.points < 2) return '';
  const known = importance.dimensions.filter(({ share }) => share !== undefined);
  if (known.length === 0) return '';
  const rows = known.map(({ name, share = 0 }) => [`  ${printable(name)}`, `${Math.round(100 * share)}%`]);
  const few = importance.best < FEW ? ', which are few' : '';
  return `\n${colors.bold('Importance')} (PED-ANOVA, from ${importance.points} points${few})\n${alignColumns(rows, ['left', 'right'])}`;
}

function failuresText({ state }: OpenedSweep): string {
  const failed = state.trials.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return '';
  const lines = failed.map(
    ({ point, repeat, experiment = '', failure = '' }) =>
      `  point ${point}, repeat ${repeat} ${experiment === '' ? '' : `(${experiment}) `}${printable(failure)}\n`,
  );
  return `\nFailed\n${lines.join('')}`;
}

/** The ranking for documents. */
export function sweepMarkdown(sweep: OpenedSweep): string {
  const { head, rows, right } = rankingTable(sweep.definition, reportOf(sweep).ranking);
  return `${markdownTable(
    head.map(markdownText),
    rows.map(row => row.map(markdownText)),
    column => right[column] === true,
  )}\n`;
}

/** The ranking for scripts. */
export function sweepJson(sweep: OpenedSweep): string {
  const { definition, stored } = sweep;
  const { ranking, importance, best, ...report } = reportOf(sweep);
  return jsonText({
    ...report,
    dir: stored.dir,
    best: best?.point.number ?? null,
    points: ranking.map(({ point, ...ranked }) => ({
      point: point.number,
      ...ranked,
      values: point.values,
      trials: point.trials.map(trial => ({ ...trial, seed: definition.seeds[trial.repeat - 1] ?? null })),
    })),
    importance: importance ?? null,
  });
}

/** All sweeps of a registry, a line each. */
export function listSweeps(sweeps: readonly (OpenedSweep | Damage)[], colors: Colors): string {
  const rows = sweeps.map(sweep => {
    if ('damage' in sweep) return [sweep.id, MISSING, 'damaged', MISSING, printable(sweep.damage)];
    const { id, name, status, counts, best, objective } = reportOf(sweep);
    const lead =
      best === undefined
        ? ''
        : `${objective.metric} ${valueText(best)} (${Object.values(best.point.values).map(textOf).join(', ')})`;
    return [id, printable(name), status, countsText(counts), printable(lead)];
  });
  return alignColumns([['id', 'name', 'status', 'trials', 'best'].map(colors.bold), ...rows]);
}
