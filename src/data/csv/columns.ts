import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { CsvParams } from './params.ts';
import type { Row } from './rows.ts';

/** A column of a table that is used. */
export interface Column {
  readonly name: string;
  /** Its place in a row, counted from 0. */
  readonly at: number;
}

/** A column to learn from: of numbers, or of categories. */
export interface FeatureColumn extends Column {
  /** The values of a column of categories; `auto` for those in the file. */
  readonly values?: 'auto' | readonly string[];
}

export interface TableColumns {
  /** The fields of each row. */
  readonly count: number;
  readonly features: readonly FeatureColumn[];
  readonly label: Column | undefined;
  readonly targets: readonly Column[];
  /** Left out, as the file gives them no name. */
  readonly nameless: readonly Column[];
}

/** What names columns in messages: the file, and the stage whose parameters do. */
export interface TableWords {
  /** The file as shown. */
  readonly name: string;
  /** The stage's id. */
  readonly stage: string;
}

/**
 * The columns that the parameters name.
 * @param first The first row, with the names where the file has some.
 * @throws Failure for a name that the table does not have, or has twice
 */
export function tableColumns(first: Row, params: CsvParams, words: TableWords): TableColumns {
  const all = columnsOf(first, params, words);
  const byName = new Map(all.map(column => [column.name, column]));
  const find = (name: string, parameter: string): Column => {
    const column = byName.get(name);
    if (column === undefined) throw unknownColumn(name, `${words.stage}.${parameter}`, all, params, words);
    return column;
  };
  const label = params.label === undefined ? undefined : find(params.label, 'label');
  const targets = (params.targets ?? []).map(name => find(name, 'targets'));
  const left = new Set([label, ...targets, ...params.exclude.map(name => find(name, 'exclude'))]);
  for (const name of Object.keys(params.categories)) find(name, 'categories');
  const others = all.filter(column => !left.has(column));
  const isNameless = ({ at }: Column) => params.header === true && (first.fields[at] ?? '').trim() === '';
  const features =
    params.features?.map(name => find(name, 'features')) ?? others.filter(column => !isNameless(column));
  if (features.length === 0)
    throw new Failure({
      code: 'no-features',
      exitCode: 2,
      message: `${words.name} has no column left to learn from: its columns are ${listed(all)}`,
      details: onlyOne(all, params),
      hint: 'Exclude fewer columns.',
    });
  const valuesOf = ({ name }: Column) => {
    const values = params.categories[name];
    return values === undefined ? {} : { values };
  };
  return {
    count: all.length,
    features: features.map(column => ({ ...column, ...valuesOf(column) })),
    label,
    targets,
    nameless: params.features === undefined ? others.filter(isNameless) : [],
  };
}

function columnsOf(first: Row, { header }: CsvParams, { name }: TableWords): readonly Column[] {
  if (Array.isArray(header) && header.length !== first.fields.length)
    throw new Failure({
      code: 'wrong-header',
      exitCode: 2,
      message: `${first.place(0)}: the row has ${first.fields.length} fields, and header names ${header.length} columns`,
      hint: 'Name every column of the file, in their order.',
    });
  const given = Array.isArray(header) ? header : header ? first.fields : [];
  const names = first.fields.map((_, at) => given[at]?.trim() || `column ${at + 1}`);
  const seen = new Set<string>();
  const twice = names.findIndex(each => seen.size === seen.add(each).size);
  if (twice !== -1)
    throw new Failure({
      code: 'same-columns',
      exitCode: 2,
      message: `${first.place(twice)}: two columns of ${name} are called "${names[twice] ?? ''}"`,
      hint: 'Give one of them another name in the file.',
    });
  return names.map((each, at) => ({ name: each, at }));
}

function unknownColumn(
  wanted: string,
  parameter: string,
  all: readonly Column[],
  params: CsvParams,
  { name }: TableWords,
): Failure {
  const names = all.map(column => column.name);
  return new Failure({
    code: 'unknown-column',
    exitCode: 2,
    message: `${parameter}: ${name} has no column "${wanted}"`,
    details: [`It has ${listed(all)}.`, ...onlyOne(all, params)],
    hint: didYouMean(wanted, names) ?? 'Choose among those; where the first row has no names, header: false.',
  });
}

/** Most columns to list, and most characters of each name. */
const LISTED = 20;
const LONGEST = 40;

const listed = (columns: readonly Column[]): string =>
  columns
    .slice(0, LISTED)
    .map(({ name }) => (name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name))
    .join(', ') + (columns.length > LISTED ? `, … (${columns.length} columns)` : '');

/** A remark on a table of one column, which may be divided by another character. */
function onlyOne([first, ...others]: readonly Column[], { delimiter }: CsvParams): readonly string[] {
  const other = [';', '\t', '|', ','].find(each => first?.name.includes(each) === true && each !== delimiter);
  if (others.length > 0 || other === undefined) return [];
  const shown = other === '\t' ? 'tab' : `"${other}"`;
  return [`That is one column, with ${shown} in it: the file may be one of delimiter: ${shown}.`];
}
