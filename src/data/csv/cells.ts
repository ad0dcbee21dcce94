import { Failure } from '../../core/failure.ts';
import type { Column, TableColumns } from './columns.ts';
import type { CsvParams } from './params.ts';
import type { Row } from './rows.ts';

/** Numbers as CSV has them; JavaScript reads more, such as `0x1f`, and the empty text as 0. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Most characters of a text in a message. */
const SHOWN = 40;

/** The text of a row in a column, without spaces around it. */
export const cell = ({ fields }: Row, { at }: Column): string => (fields[at] ?? '').trim();

/** A number that float32 can hold, true as 1 and false as 0; undefined for another text. */
function numberOf(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : ({ true: 1, false: 0 }[text.toLowerCase()] ?? NaN);
  return Number.isFinite(Math.fround(value)) ? value : undefined;
}

/** Reader of the cells of a table. */
export class Cells {
  readonly #columns: TableColumns;
  readonly #missing: ReadonlySet<string>;
  readonly #classes: ReadonlySet<string> | undefined;
  readonly #onMissing: CsvParams['onMissing'];
  readonly #used: readonly Column[];

  constructor(columns: TableColumns, { missing, classes, onMissing }: CsvParams) {
    this.#columns = columns;
    this.#classes = classes && new Set(classes);
    this.#onMissing = onMissing;
    this.#missing = new Set(missing.map(text => text.trim()));
    const { features, label, targets } = columns;
    this.#used = [...(label === undefined ? [] : [label]), ...targets, ...features];
  }

  /** @throws Failure for a row with more or fewer fields than there are columns */
  checkLength(row: Row): void {
    const { count } = this.#columns;
    if (row.fields.length === count) return;
    throw new Failure({
      code: 'uneven-rows',
      exitCode: 2,
      message: `${row.place(Math.min(row.fields.length, count))}: the row has ${row.fields.length} fields, and the first row ${count}`,
      hint: 'A field with a delimiter in it is put in quotes.',
    });
  }

  /** The class of a row, where a column has it. */
  classOf(row: Row): string | undefined {
    const { label } = this.#columns;
    return label && cell(row, label);
  }

  /** True for a row of a class that is not among those wanted. */
  isOfOtherClass(row: Row): boolean {
    const kind = this.classOf(row);
    return kind !== undefined && this.#classes?.has(kind) === false && !this.#isMissing(kind);
  }

  /** True for a column with what is to be predicted. */
  isAnswer(column: Column): boolean {
    return column === this.#columns.label || this.#columns.targets.includes(column);
  }

  /** What becomes of a row in which these columns have no value. */
  fate(missing: readonly Column[]): 'whole' | 'filled' | 'dropped' {
    if (missing.length === 0) return 'whole';
    const isLost = this.#onMissing === 'fail' || this.#onMissing === 'drop';
    return isLost || missing.some(column => this.isAnswer(column)) ? 'dropped' : 'filled';
  }

  #isMissing = (text: string): boolean => this.#missing.has(text);

  /** The columns whose values are missing in a row. */
  missingIn(row: Row): readonly Column[] {
    return this.#used.filter(column => this.#isMissing(cell(row, column)));
  }

  /** @throws Failure for a text that is no number, with its place */
  number(row: Row, column: Column): number {
    const text = cell(row, column);
    const value = numberOf(text);
    if (value === undefined) throw this.#wrongNumber(row, column, text);
    return value;
  }

  #wrongNumber(row: Row, column: Column, text: string): Failure {
    const { features, targets } = this.#columns;
    const alike = [...features.filter(({ values }) => values === undefined), ...targets]
      .filter(other => other.at !== column.at && !this.#isMissing(cell(row, other)))
      .filter(other => numberOf(cell(row, other)) === undefined)
      .map(({ name }) => name);
    const isLarge = NUMBER.test(text);
    return new Failure({
      code: 'wrong-number',
      exitCode: 2,
      message: `${row.place(column.at)}: column "${column.name}" has ${quoted(text)}, which is ${isLarge ? 'too large for float32' : 'no number'}`,
      details: alike.length === 0 ? [] : [`The same row has no numbers in ${alike.slice(0, 10).join(', ')}.`],
      hint: isLarge
        ? 'Divide the column by a power of ten.'
        : `Exclude the column (exclude: ["${column.name}"]), declare its categories (categories: { "${column.name}": auto }), or say that the text stands for a missing value (missing: ["", ${quoted(text)}]).`,
    });
  }
}

/** A text in quotes, shortened. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
