import { counted, formatBytes, MISSING } from '../../core/format.ts';
import type { Interval } from '../../core/interval.ts';
import { printable } from '../../core/printable.ts';
import { differingParts } from '../../core/protocol.ts';
import {
  isStageEqual,
  type MetricDifference,
  type Reproduction,
  type StageComparison,
} from '../../run/reproduce/report.ts';
import { alignColumns } from '../../core/align-columns.ts';
import type { Colors } from '../terminal.ts';
import { renderChanges } from './before.ts';

/** Most files of a stage to list; JSON has all. */
const NAMED = 10;
/** Most characters of a value. */
const LONGEST_VALUE = 40;

type Cells = readonly string[];

/** Result of a reproduction: a line per stage, then every difference. */
export function renderReproduction(found: Reproduction, colors: Colors): string {
  const { original, repeated, isEqual, stages, left, causes, changes } = found;
  const apart = left.length === 0 ? '' : `, which has no result of ${left.map(printable).join(', ')}`;
  const section = (title: string, text: string) => (text === '' ? [] : [`${colors.bold(title)}\n${text}`]);
  const verdict = isEqual ? colors.green('equals') : colors.red('differs from');
  return [
    `${colors.bold(repeated)} ${verdict} ${colors.bold(original)}${apart}\n`,
    ...section('Stages', alignColumns(stages.map(stage => stageRow(stage, colors)))),
    ...section('Differences', differences(found, colors)),
    ...section('Likely causes', causes.map(each => `  ${printable(each)}\n`).join('')),
    ...section(`Changed since ${original}`, isEqual ? '' : renderChanges(changes)),
  ].join('\n');
}

function stageRow(stage: StageComparison, colors: Colors): Cells {
  const verdict = isStageEqual(stage)
    ? colors.green('equal')
    : stage.obstacle === null
      ? colors.red('differs')
      : colors.red('not compared');
  return [`  ${printable(stage.stage)}`, verdict, printable(stageWords(stage))];
}

/** `14 files (1.2 MB), 96 points`; of a stage that differs: `12 of 14 files equal, metrics differ from step 12 on`. */
function stageWords({
  obstacle,
  equal,
  nondeterministicFiles,
  files,
  outputs,
  metrics,
}: StageComparison): string {
  if (obstacle !== null) return obstacle;
  const all = equal.files + files.length;
  const step = Math.min(...metrics.map(each => each.step));
  return [
    ...(files.length > 0 ? [`${equal.files} of ${counted(all, 'file')} equal`] : []),
    ...(files.length === 0 && all > 0 ? [`${counted(all, 'file')} (${formatBytes(equal.bytes)})`] : []),
    ...(metrics.length > 0 ? [`metrics differ from step ${step} on`] : []),
    ...(metrics.length === 0 && equal.points > 0 ? [counted(equal.points, 'point')] : []),
    ...(outputs.length > 0 ? ['its outputs differ'] : []),
    ...(nondeterministicFiles > 0
      ? [`${counted(nondeterministicFiles, 'file')} not compared, as they differ in every run`]
      : []),
  ].join(', ');
}

function differences({ original, repeated, stages }: Reproduction, colors: Colors): string {
  const only = (side: string) => `only in ${side}`;
  const kind = (sides: { readonly original?: unknown; readonly repeated?: unknown }) =>
    sides.original === undefined ? only(repeated) : sides.repeated === undefined ? only(original) : 'differs';
  const rows = stages.flatMap(({ stage, files, outputs, metrics }) => [
    ...files
      .slice(0, NAMED)
      .map(file => [
        stage,
        shownPath(file.path, stage),
        kind(file),
        bytes(file.original),
        bytes(file.repeated),
      ]),
    ...(files.length > NAMED ? [[stage, `… and ${files.length - NAMED} more`, '', '', '']] : []),
    ...outputs.map(each => [stage, each.name, kind(each), value(each.original), value(each.repeated)]),
    ...metrics.flatMap(metric => metricRows(metric, kind)).map(row => [stage, ...row]),
  ]);
  if (rows.length === 0) return '';
  const head = ['', '', '', original, repeated].map(colors.dim);
  const body = rows.map(([stage = '', ...cells]) => [`  ${stage}`, ...cells].map(printable));
  return alignColumns([head, ...body], ['left', 'left', 'left', 'right', 'right']);
}

/** The values, unless they are equal and measured differently, and what differs of how they were measured. */
function metricRows(
  { name, step, first, last, interval, protocol }: MetricDifference,
  kind: (sides: { readonly original?: unknown; readonly repeated?: unknown }) => string,
): (readonly string[])[] {
  const at = `${name}, step ${step}`;
  const isMeasured = interval !== undefined || protocol !== undefined;
  const isEqual = isMeasured && [first, last].every(each => Object.is(each.original, each.repeated));
  const values = [
    [at, kind(first), value(first.original), value(first.repeated)],
    [`${name}, at the end`, kind(last), value(last.original), value(last.repeated)],
  ];
  return [
    ...(isEqual ? [] : values),
    ...(interval === undefined
      ? []
      : [[`${at}, interval`, kind(interval), bounds(interval.original), bounds(interval.repeated)]]),
    ...(protocol === undefined
      ? []
      : [[`${at}, protocol`, kind(protocol), ...differingParts([protocol.original, protocol.repeated])]]),
  ];
}

const bounds = (interval: Interval | undefined): string => interval?.join(' to ') ?? MISSING;

const bytes = (size: number | undefined): string => (size === undefined ? MISSING : formatBytes(size));

/** A value with all digits: values may differ in the last ones. */
function value(given: unknown): string {
  const text = typeof given === 'number' ? String(given) : (JSON.stringify(given) ?? MISSING);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** A path relative to the stage's output folder, if it lies there. */
const shownPath = (path: string, stage: string): string => path.replace(`stages/${stage}/output/`, '');
