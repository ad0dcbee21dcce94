/** Scores of classes and of targets as tables: CSV, Markdown and lines of a terminal. */
import { alignColumns, displayWidth } from '../../core/align-columns.ts';
import { csvRecord } from '../../core/csv.ts';
import { formatNumber } from '../../core/format.ts';
import { markdownTable, markdownText } from '../../core/markdown.ts';
import { printable } from '../../core/printable.ts';
import { meanOf, type ClassificationScores } from './scores.ts';
import type { RegressionScores, TargetScores } from './target-scores.ts';

const MEAN = 'macro average';
/** Most classes or targets in a terminal. */
const MOST_LINES = 20;
/** Most columns of a name in a terminal: with the numbers, a line has at most 80. */
const NAME_COLUMNS = 36;

interface ClassRow {
  readonly name: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

const classRows = ({ perClass }: ClassificationScores, classes: readonly string[]): readonly ClassRow[] =>
  perClass.map((scores, index) => ({ name: classes[index] as string, ...scores }));

const meanRow = ({ perClass, count }: ClassificationScores): ClassRow => ({
  name: MEAN,
  precision: meanOf(perClass, 'precision'),
  recall: meanOf(perClass, 'recall'),
  f1: meanOf(perClass, 'f1'),
  support: count,
});

const headerOf = (what: string) => [what, 'precision', 'recall', 'F1', 'support'];

/** The numbers of a row as people read them. */
const shownScores = ({ precision, recall, f1, support }: ClassRow): readonly string[] => [
  ...[precision, recall, f1].map(score => score.toFixed(3)),
  String(support),
];

/** A record for each class, in their order, and one of the means. */
export const classCsv = (scores: ClassificationScores, classes: readonly string[]): string =>
  [
    ['class', 'precision', 'recall', 'f1', 'support'],
    ...[...classRows(scores, classes), meanRow(scores)].map(row => [
      row.name,
      row.precision,
      row.recall,
      row.f1,
      row.support,
    ]),
  ]
    .map(csvRecord)
    .join('');

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** @param part Name of the part that was measured, such as `test` */
export function classMarkdown(
  scores: ClassificationScores,
  classes: readonly string[],
  part: string,
): string {
  const { count, k, loss, accuracy, topK, macroF1 } = scores;
  const rows = classRows(scores, classes).map(row => [markdownText(row.name), ...shownScores(row)]);
  const mean = [`**${MEAN}**`, ...shownScores(meanRow(scores))];
  const table = markdownTable(headerOf('class'), [...rows, mean], column => column > 0);
  return `# Scores of the classes: ${part} part, ${count} examples

- loss ${formatNumber(loss)}
- accuracy ${percent(accuracy)}
- top-${k} accuracy ${percent(topK)}
- macro F1 ${macroF1.toFixed(3)}

${table}
`;
}

/** A name within its columns of a terminal. */
function shortened(name: string): string {
  const characters = [...printable(name)];
  if (displayWidth(characters.join('')) <= NAME_COLUMNS) return characters.join('');
  while (displayWidth(characters.join('')) > NAME_COLUMNS - 1) characters.pop();
  return `${characters.join('')}…`;
}

/** Lines of a terminal, at most 80 columns wide: numbers to the right of names. */
function alignedLines(rows: readonly (readonly string[])[]): readonly string[] {
  const [header = []] = rows;
  const aligns = header.map((_, column) => (column === 0 ? ('left' as const) : ('right' as const)));
  const shown = rows.map(([name = '', ...numbers]) => [shortened(name), ...numbers]);
  return alignColumns(shown, aligns).trimEnd().split('\n');
}

/**
 * The scores of each class as lines of a terminal, at most 80 columns wide. Of more than 20 classes those with the lowest F1 are
 * shown, the lowest first.
 */
export function classLines(scores: ClassificationScores, classes: readonly string[]): readonly string[] {
  const all = classRows(scores, classes);
  const isCut = all.length > MOST_LINES;
  const rows = isCut ? [...all].sort((a, b) => a.f1 - b.f1).slice(0, MOST_LINES) : all;
  const what = isCut ? `lowest ${MOST_LINES} of ${all.length} classes` : 'class';
  const lines = [...rows, meanRow(scores)].map(row => [row.name, ...shownScores(row)]);
  return alignedLines([headerOf(what), ...lines]);
}

const TARGET_HEADER = ['mean squared error', 'mean absolute error', 'R²'];

const shownErrors = ({ mse, mae, r2 }: TargetScores): readonly string[] => [
  formatNumber(mse),
  formatNumber(mae),
  formatNumber(r2),
];

/** @param part Name of the part that was measured, such as `test` */
export function targetMarkdown(scores: RegressionScores, names: readonly string[], part: string): string {
  const rows = scores.perTarget.map((each, index) => [
    markdownText(names[index] as string),
    ...shownErrors(each),
  ]);
  const table = markdownTable(
    ['target', ...TARGET_HEADER],
    [...rows, ['**mean**', ...shownErrors(scores)]],
    column => column > 0,
  );
  return `# Errors of the targets: ${part} part, ${scores.count} examples\n\n${table}\n`;
}

/** The errors of each target as lines of a terminal, at most 80 columns wide; of more than 20 targets those with the lowest R². */
export function targetLines(scores: RegressionScores, names: readonly string[]): readonly string[] {
  const all = scores.perTarget.map((each, index) => ({ name: names[index] as string, ...each }));
  const isCut = all.length > MOST_LINES;
  const rows = isCut ? [...all].sort((a, b) => a.r2 - b.r2).slice(0, MOST_LINES) : all;
  const what = isCut ? `lowest ${MOST_LINES} of ${all.length} targets` : 'target';
  const lines = [...rows, { name: 'mean', ...scores }].map(row => [row.name, ...shownErrors(row)]);
  return alignedLines([[what, 'MSE', 'MAE', 'R²'], ...lines]);
}
