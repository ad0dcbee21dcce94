import { UNLABELLED } from '../unlabelled.ts';
import { cell, Cells } from './cells.ts';
import { tableColumns, type Column, type TableColumns, type TableWords } from './columns.ts';
import { addTo, inOrder, totalOf, type Counts } from './counts.ts';
import { featureOf, type Feature, type FeatureEncoder } from './features.ts';
import type { CsvParams } from './params.ts';
import { readRows, type CsvOptions, type Row } from './rows.ts';
import { missingValues, MOST_CLASSES, noRows, noRowsOf, oneClass, tooManyClasses } from './survey-faults.ts';

export interface TableSource {
  /** Absolute. */
  readonly path: string;
  readonly params: CsvParams;
  readonly words: TableWords;
}

/** What a first reading of a table finds, before anything is written. */
export interface Survey {
  readonly columns: TableColumns;
  readonly features: readonly FeatureEncoder[];
  /** By name, or by value where all are whole numbers, or as the parameters list them; none where there are targets. */
  readonly classes: readonly string[];
  /** Rows that become examples. */
  readonly rows: number;
  /** Rows left out for missing values. */
  readonly dropped: number;
  /** Rows left out as their class is none of those wanted. */
  readonly others: number;
  /** Missing values by column, in rows that are of a wanted class. */
  readonly missing: ReadonlyMap<string, number>;
}

type ReadOptions = Pick<CsvOptions, 'signal' | 'onBytes'>;

/**
 * Reads a table once: its columns, classes and categories, and everything that is wrong with it.
 *
 * @throws Failure with the file, the line and the column of what is wrong
 * @throws Interrupted when the signal is aborted
 */
export async function surveyTable(source: TableSource, options: ReadOptions): Promise<Survey> {
  const { surveyor } = await read(source, options, Infinity);
  return surveyor.result();
}

/**
 * Finds what is wrong in the first bytes of a table, and with all of it where it has no more of them.
 * @throws Failure like `surveyTable`
 */
export async function inspectTable(source: TableSource, mostBytes: number): Promise<void> {
  const { surveyor, isWhole } = await read(source, {}, mostBytes);
  if (isWhole) surveyor.result();
  else surveyor.checkMissing();
}

async function read(
  source: TableSource,
  options: ReadOptions,
  mostBytes: number,
): Promise<{ readonly surveyor: Surveyor; readonly isWhole: boolean }> {
  const { path, params, words } = source;
  let [bytes, surveyor] = [0, undefined as Surveyor | undefined];
  const onBytes = (done: number) => {
    bytes = done;
    options.onBytes?.(done);
  };
  for await (const block of readRows(path, { ...csvFormat(source), ...options, onBytes })) {
    for (const row of block) {
      const hasNames: boolean = surveyor === undefined && params.header === true;
      surveyor ??= new Surveyor(tableColumns(row, params, words), source);
      if (!hasNames) surveyor.add(row);
      if (surveyor.rows === params.limit) return { surveyor, isWhole: true };
    }
    if (bytes >= mostBytes && surveyor !== undefined) return { surveyor, isWhole: false };
  }
  if (surveyor === undefined) throw noRows(words.name, 'is empty');
  return { surveyor, isWhole: true };
}

export const csvFormat = ({
  params: { delimiter },
  words: { name },
}: TableSource): Pick<CsvOptions, 'name' | 'delimiter'> => ({
  name,
  delimiter: delimiter === 'tab' ? '\t' : delimiter,
});

class Surveyor {
  rows = 0;
  readonly #source: TableSource;
  readonly #columns: TableColumns;
  readonly #cells: Cells;
  readonly #features: readonly Feature[];
  readonly #classes: Counts = new Map();
  readonly #others: Counts = new Map();
  readonly #missing: Counts = new Map();
  #dropped = 0;
  #firstMissing: string | undefined;

  constructor(columns: TableColumns, source: TableSource) {
    const { params, words } = source;
    this.#source = source;
    this.#columns = columns;
    this.#cells = new Cells(columns, params);
    this.#features = columns.features.map(column => featureOf(column, this.#cells, words.name));
  }

  add(row: Row): void {
    this.#cells.checkLength(row);
    if (this.#cells.isOfOtherClass(row)) {
      addTo(this.#others, this.#cells.classOf(row) ?? '');
      return;
    }
    const missing = this.#cells.missingIn(row);
    for (const column of missing) {
      addTo(this.#missing, column.name);
      this.#noteMissing(row, column);
    }
    if (this.#cells.fate(missing) === 'dropped') {
      this.#dropped++;
      return;
    }
    this.#addClass(row);
    for (const column of this.#columns.targets) this.#cells.number(row, column);
    for (const feature of this.#features) if (!missing.includes(feature.column)) feature.add(row);
    this.rows++;
  }

  /** Of those that may not be missing, the first one is told. */
  #noteMissing(row: Row, column: Column): void {
    const { onMissing } = this.#source.params;
    if (onMissing === 'drop' || (onMissing !== 'fail' && !this.#cells.isAnswer(column))) return;
    this.#firstMissing ??= row.place(column.at);
  }

  #addClass(row: Row): void {
    const { label } = this.#columns;
    if (label === undefined) return;
    addTo(this.#classes, cell(row, label));
    if (this.#classes.size > MOST_CLASSES) throw tooManyClasses(this.#source.words.name, label.name);
  }

  /** What was found in all of the table. @throws Failure for what it cannot be learned from */
  result(): Survey {
    this.checkMissing();
    this.#checkWhole();
    const { onMissing } = this.#source.params;
    return {
      columns: this.#columns,
      features: this.#features.map(feature => feature.encoder(onMissing)),
      classes: this.#classNames(),
      rows: this.rows,
      dropped: this.#dropped,
      others: totalOf(this.#others),
      missing: this.#missing,
    };
  }

  #classNames(): readonly string[] {
    if (this.#columns.targets.length > 0) return [];
    const { classes } = this.#source.params;
    return classes ?? (this.#columns.label === undefined ? UNLABELLED : inOrder(this.#classes));
  }

  /** @throws Failure for values that are missing and may not be */
  checkMissing(): void {
    if (this.#firstMissing === undefined) return;
    const { params, words } = this.#source;
    const hint =
      params.onMissing === 'fail'
        ? 'Leave such rows out with onMissing: drop, fill them with onMissing: mean, or exclude the columns.'
        : 'A label or target cannot be filled: leave such rows out with onMissing: drop.';
    throw missingValues(words.name, this.#firstMissing, this.#missing, hint);
  }

  #checkWhole(): void {
    const { params, words } = this.#source;
    const label = this.#columns.label?.name ?? '';
    if (this.rows === 0 && this.#others.size > 0)
      throw noRowsOf(words.name, label, params.classes ?? [], inOrder(this.#others));
    if (this.rows === 0)
      throw noRows(words.name, this.#dropped > 0 ? 'has no row without a missing value' : 'has no rows');
    const [only = '', ...others] = this.#classes.keys();
    if (label !== '' && params.classes === undefined && others.length === 0)
      throw oneClass(words.name, label, only);
  }
}
