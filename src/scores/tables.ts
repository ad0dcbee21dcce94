/** Scores as tables, beside those of real pictures, class means and noise. */
import { alignColumns } from '../core/align-columns.ts';
import { formatEstimate, formatNumber, MISSING } from '../core/format.ts';
import { markdownTable, markdownText } from '../core/markdown.ts';
import { grouped } from '../data/report.ts';
import type { Baseline } from './baselines.ts';
import { SCORE_NAMES, SCORES, type ScoreName } from './catalogue.ts';
import type { ClassScores, MeasuredScores } from './measured.ts';
import type { Score } from './score.ts';

/** Scores of generated pictures, where there are some, and what to read them against. */
export interface ScoreTable {
  readonly generated?: MeasuredScores;
  readonly baselines: readonly Baseline[];
  readonly protocol: string;
  /** Sentences on what limits the scores. */
  readonly notes: readonly string[];
}

const ARROWS = { min: '↓', max: '↑' } as const;

const titleOf = (name: ScoreName): string => `${SCORES[name].title} ${ARROWS[SCORES[name].direction]}`;

const withInterval = (score: Score | undefined): string =>
  score === undefined ? MISSING : formatEstimate(score.value, score.interval);

/** A value in the digits that its interval warrants. */
const valueOf = (score: Score | undefined): string => withInterval(score).split(' ')[0] as string;

/** A row for each score that anything has; the first row is the header. */
function rowsOf({ generated, baselines }: ScoreTable): readonly (readonly string[])[] {
  const sets = [...(generated ? [generated] : []), ...baselines.map(({ measured }) => measured)];
  const names = SCORE_NAMES.filter(name => sets.some(({ scores }) => scores[name] !== undefined));
  const header = ['', ...(generated ? ['generated'] : []), ...baselines.map(({ name }) => name)];
  const rows = names.map(name => [
    titleOf(name),
    ...(generated ? [withInterval(generated.scores[name])] : []),
    ...baselines.map(({ measured }) => valueOf(measured.scores[name])),
  ]);
  return [header, ...rows];
}

/** Lines of a terminal, at most 80 columns wide. */
export const scoreLines = (table: ScoreTable): readonly string[] =>
  alignColumns(rowsOf(table), ['left', 'right', 'right', 'right', 'right']).trimEnd().split('\n');

const percent = (share: number | undefined): string =>
  share === undefined ? MISSING : `${(100 * share).toFixed(1)}%`;

function classTable(classes: readonly ClassScores[]): string {
  const hasLabels = classes.some(({ recognised }) => recognised !== undefined);
  const header = ['class', 'seen', 'seen in held-out', ...(hasLabels ? ['recognised', 'FID within'] : [])];
  const rows = classes.map(({ name, seen, expected, recognised, fid }) => [
    markdownText(name),
    percent(seen),
    percent(expected),
    ...(hasLabels ? [percent(recognised), fid === undefined ? MISSING : formatNumber(fid)] : []),
  ]);
  return markdownTable(header, rows, column => column > 0);
}

/** @param title Such as `cgan, 5,000 iterations` */
export function scoresMarkdown(title: string, table: ScoreTable): string {
  const [header = [], ...rows] = rowsOf(table);
  const { generated, baselines, protocol, notes } = table;
  const parts = [
    `# Scores: ${markdownText(title)}`,
    markdownTable(header, rows, column => column > 0),
    [
      `- protocol \`${protocol}\`: scores of other protocols are not comparable`,
      ...(generated ? [`- ${grouped(generated.count)} generated pictures, with 95% intervals`] : []),
      ...baselines.map(({ name, description }) => `- ${name}: ${description}`),
      ...notes.map(note => `- **${note}**`),
    ].join('\n'),
    ...(generated && generated.classes.length > 0
      ? [
          '## Classes',
          'Shares of the pictures in which the classifier sees each class.',
          classTable(generated.classes),
        ]
      : []),
  ];
  return `${parts.join('\n\n')}\n`;
}
