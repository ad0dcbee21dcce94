/** Columns of `pipe list` that show parameters, metrics and facts. */
import { Failure } from '../../core/failure.ts';
import { cut, formatDuration, formatEstimate, MISSING } from '../../core/format.ts';
import { didYouMean } from '../../core/nearest.ts';
import { printable } from '../../core/printable.ts';
import { protocolLegend, protocolMarks } from '../../core/protocol.ts';
import { isReadable, type Entry } from './entry.ts';
import { FACT_NAMES, knownNames, nameReader, type Named, type Tags } from './names.ts';

export interface ListColumn {
  readonly title: string;
  /** A text for each entry, safe for a terminal. */
  readonly texts: readonly string[];
}

export interface ListColumns {
  readonly columns: readonly ListColumn[];
  /** Explanations of marks in them. */
  readonly legend: readonly string[];
}

/** The names of `--columns`. @throws Failure, exit code 2, for one that none of the entries has */
export function chosenNames(text: string, entries: readonly Entry[]): readonly string[] {
  const names = [...new Set(text.split(',').map(name => name.trim()))];
  const known = knownNames(entries);
  for (const name of names) if (entries.length > 0 && !known.has(name)) throw unknownColumn(name, known);
  return names;
}

function unknownColumn(name: string, known: ReadonlySet<string>): Failure {
  const meant = didYouMean(name, known);
  return new Failure({
    code: 'unknown-column',
    exitCode: 2,
    message: `--columns ${printable(name)}: none of these experiments has a parameter or a metric of that name${meant === undefined ? '' : `; ${printable(meant)}`}`,
    details: [`Beside parameters and metrics there are ${FACT_NAMES.join(', ')}.`],
  });
}

/** The columns of these names. */
export function columnsFor(names: readonly string[], entries: readonly Entry[], tags: Tags): ListColumns {
  const read = names.map(name => entries.map(nameReader(name, tags)));
  const marks = protocolMarks(read.flat().map(protocolOf));
  const markOf = (named: Named | undefined) => {
    const protocol = protocolOf(named);
    return protocol === undefined ? '' : ` ${marks.get(protocol) ?? ''}`;
  };
  return {
    columns: names.map((name, index) => ({
      title: titleOf(name, names),
      texts: (read[index] ?? []).map(named => `${textOf(name, named)}${markOf(named)}`),
    })),
    legend: protocolLegend(marks),
  };
}

const protocolOf = (named: Named | undefined): string | undefined =>
  named?.kind === 'metric' ? named.metric.protocol : undefined;

/** `learningRate` for `train.learningRate`, unless another column would be called so, too. */
function titleOf(name: string, names: readonly string[]): string {
  const last = lastPart(name);
  const isTaken =
    FACT_NAMES.includes(last) || names.some(other => other !== name && lastPart(other) === last);
  return printable(isTaken ? name : last);
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** Most characters of a value. */
const LONGEST = 30;

function textOf(name: string, named: Named | undefined): string {
  if (named === undefined) return MISSING;
  if (named.kind === 'metric') {
    const { best, last, interval } = named.metric;
    return best === undefined ? formatEstimate(last, interval) : formatEstimate(best.value, best.interval);
  }
  const { value } = named;
  if (name === 'duration' && typeof value === 'number') return formatDuration(1000 * value);
  return cut(printable(plainText(value)), LONGEST);
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every(each => typeof each === 'string'))
    return value.join(', ') || MISSING;
  return JSON.stringify(value) ?? MISSING;
}

/** Most columns that are shown unasked, and most entries for which they are: among thousands everything differs. */
const MOST = 4;
const MOST_ENTRIES = 500;

/** The first parameters that all readable entries have and not with one value. */
export function differingParameters(entries: readonly Entry[]): readonly string[] {
  if (entries.length > MOST_ENTRIES) return [];
  const [first, ...others] = entries.filter(isReadable).map(({ parameters }) => parameters);
  if (first === undefined || others.length === 0) return [];
  const lists = [...new Set(others.map(({ names }) => names))].map(names => new Set(names));
  const common = first.names.filter(name => lists.every(names => names.has(name)));
  const differing: string[] = [];
  for (const name of common) {
    if (differing.length === MOST) break;
    const value = comparable(first.get(name));
    if (others.some(other => comparable(other.get(name)) !== value)) differing.push(name);
  }
  return differing;
}

const comparable = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
