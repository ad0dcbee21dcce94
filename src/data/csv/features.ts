import { Failure } from '../../core/failure.ts';
import { listed } from '../report.ts';
import { cell, quoted, type Cells } from './cells.ts';
import type { FeatureColumn } from './columns.ts';
import { addTo, inOrder, totalOf, type Counts } from './counts.ts';
import type { CsvParams } from './params.ts';
import type { Row } from './rows.ts';

/** Most values of a column of categories: each becomes a number of every example. */
const MOST_VALUES = 1000;

/** A column to learn from, as a first reading of the table sees it. */
export interface Feature {
  readonly column: FeatureColumn;
  /** Counts a row in which the column has a value. @throws Failure for a wrong one, with its place */
  add(row: Row): void;
  /** What a second reading writes. @throws Failure where nothing is known to fill it with */
  encoder(onMissing: CsvParams['onMissing']): FeatureEncoder;
}

export interface FeatureEncoder {
  readonly column: FeatureColumn;
  /** Of the numbers that the column becomes. */
  readonly names: readonly string[];
  /** These numbers where the value is missing. */
  readonly fill: readonly number[];
  /** Writes these numbers, from `at` on. */
  readonly write: (row: Row, into: Float32Array, at: number) => void;
}

export const featureOf = (column: FeatureColumn, cells: Cells, file: string): Feature =>
  column.values === undefined
    ? new NumberFeature(column, cells, file)
    : new CategoryFeature(column, column.values, file);

class NumberFeature implements Feature {
  readonly column: FeatureColumn;
  readonly #cells: Cells;
  readonly #file: string;
  #sum = 0;
  #count = 0;

  constructor(column: FeatureColumn, cells: Cells, file: string) {
    this.column = column;
    this.#cells = cells;
    this.#file = file;
  }

  add(row: Row): void {
    this.#sum += this.#cells.number(row, this.column);
    this.#count++;
  }

  encoder(onMissing: CsvParams['onMissing']): FeatureEncoder {
    const { column } = this;
    if (onMissing === 'mean' && this.#count === 0) throw noValue(column, this.#file);
    return {
      column,
      names: [column.name],
      fill: [typeof onMissing === 'number' ? onMissing : this.#sum / this.#count],
      write: (row, into, at) => (into[at] = this.#cells.number(row, column)),
    };
  }
}

/** A column of categories: each of them is a number, 1 where the column has it and 0 elsewhere. */
class CategoryFeature implements Feature {
  readonly column: FeatureColumn;
  readonly #file: string;
  readonly #given: readonly string[] | undefined;
  readonly #counts: Counts;

  constructor(column: FeatureColumn, values: 'auto' | readonly string[], file: string) {
    this.column = column;
    this.#file = file;
    this.#given = values === 'auto' ? undefined : values;
    this.#counts = new Map(this.#given?.map(value => [value, 0]));
  }

  add(row: Row): void {
    const text = cell(row, this.column);
    if (this.#given !== undefined && !this.#counts.has(text)) throw this.#unknown(row, text);
    addTo(this.#counts, text);
    if (this.#given === undefined && this.#counts.size > MOST_VALUES) throw this.#tooMany();
  }

  encoder(onMissing: CsvParams['onMissing']): FeatureEncoder {
    const { column } = this;
    const values = this.#given ?? inOrder(this.#counts);
    const total = totalOf(this.#counts);
    if (onMissing === 'mean' && total === 0) throw noValue(column, this.#file);
    const places = new Map(values.map((value, place) => [value, place]));
    return {
      column,
      names: values.map(value => `${column.name}=${value}`),
      fill: values.map(value =>
        typeof onMissing === 'number' ? onMissing : (this.#counts.get(value) ?? 0) / total,
      ),
      write: (row, into, at) => {
        into.fill(0, at, at + values.length);
        into[at + (places.get(cell(row, column)) as number)] = 1;
      },
    };
  }

  #unknown(row: Row, text: string): Failure {
    return new Failure({
      code: 'unknown-category',
      exitCode: 2,
      message: `${row.place(this.column.at)}: column "${this.column.name}" has ${quoted(text)}, which is none of its categories`,
      details: [`They are ${listed([...this.#counts.keys()].map(quoted))}.`],
      hint: `Add it to categories, or say that it stands for a missing value: missing: ["", ${quoted(text)}].`,
    });
  }

  #tooMany(): Failure {
    const { name } = this.column;
    return new Failure({
      code: 'too-many-categories',
      exitCode: 2,
      message: `column "${name}" of ${this.#file} has more than ${MOST_VALUES} values, each of which would be a number of every example`,
      hint: `Leave it out: exclude: ["${name}"].`,
    });
  }
}

const noValue = ({ name }: FeatureColumn, file: string): Failure =>
  new Failure({
    code: 'missing-values',
    exitCode: 2,
    message: `column "${name}" of ${file} has no value in any row, so that there is no mean to fill it with`,
    hint: `Leave it out: exclude: ["${name}"].`,
  });
