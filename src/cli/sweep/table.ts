/** The ranking of a sweep as rows of text. */
import { formatEstimate, MISSING } from '../../core/format.ts';
import { parseJson } from '../../core/parse-json.ts';
import { printable } from '../../core/printable.ts';
import { repeatsOf, type SweepDefinition } from '../../sweep/definition.ts';
import type { RankedPoint } from '../../sweep/rank.ts';

/** Most characters of a value. */
const ROOM = 32;

export interface RankingTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** True for the columns that are set to the right. */
  readonly right: readonly boolean[];
}

/** Rank, point, objective, repeats, status, what varies, experiments. */
export function rankingTable(definition: SweepDefinition, ranking: readonly RankedPoint[]): RankingTable {
  const { space, objective } = definition;
  const hasRepeats = repeatsOf(definition) > 1;
  const names = space.map(({ name }) => name);
  const head = [
    'rank',
    'point',
    objective.metric,
    ...(hasRepeats ? ['n'] : []),
    'status',
    ...names,
    'experiments',
  ];
  const rows = ranking.map((ranked, index) => [
    ranked.value === undefined ? MISSING : String(index + 1),
    String(ranked.point.number),
    valueText(ranked),
    ...(hasRepeats ? [String(ranked.n)] : []),
    statusText(ranked),
    ...names.map(name => textOf(ranked.point.values[name])),
    ranked.point.trials.flatMap(({ experiment }) => experiment ?? []).join(', ') || MISSING,
  ]);
  const right = head.map((_, index) => index < 2);
  return { head: head.map(printable), rows, right };
}

export const valueText = ({ value, interval }: RankedPoint): string =>
  value === undefined ? MISSING : formatEstimate(value, interval);

const statusText = ({ status, step, point }: RankedPoint): string => {
  if (step !== undefined) return `${status} at ${step}`;
  const failed = point.trials.filter(each => each.status === 'failed' || each.status === 'crashed').length;
  return status === 'done' && failed > 0 ? `done, ${failed} failed` : status;
};

/** A parameter's value; numbers with at most four digits, and a text in quotes where it would look like another value. */
export function textOf(value: unknown): string {
  if (value === undefined) return MISSING;
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  const isPlain = typeof value === 'string' && value.trim() !== '' && parseJson(value) === undefined;
  const text = printable(isPlain ? value : JSON.stringify(value));
  return text.length > ROOM ? `…${text.slice(1 - ROOM)}` : text;
}
