import type { DatasetArtifact } from '../../core/artifacts.ts';
import { Failure } from '../../core/failure.ts';
import { DatasetWriter } from '../dataset-writer.ts';
import { Cells } from './cells.ts';
import { readRows, type CsvOptions, type Row } from './rows.ts';
import { csvFormat, type Survey, type TableSource } from './survey.ts';

/**
 * Writes a surveyed table as a data set, in a second reading.
 *
 * @param dir An existing folder.
 * @throws Failure when a file cannot be read or written; Interrupted when the signal is aborted
 */
export async function writeTable(
  source: TableSource,
  survey: Survey,
  dir: string,
  options: Pick<CsvOptions, 'signal' | 'onBytes'>,
): Promise<DatasetArtifact> {
  const names = survey.features.flatMap(feature => feature.names);
  const targets = survey.columns.targets.map(({ name }) => name);
  const encoder = new RowEncoder(source, survey, names.length);
  const writer = await DatasetWriter.create(dir, { shape: [names.length] });
  try {
    let left = source.params.header === true ? 1 : 0;
    for await (const block of readRows(source.path, { ...csvFormat(source), ...options })) {
      const kept = block.slice(left).filter(row => encoder.keeps(row));
      left = Math.max(0, left - block.length);
      const wanted = kept.slice(0, survey.rows - writer.count);
      await writer.append(encoder.features(wanted), encoder.answers(wanted));
      if (writer.count === survey.rows) break;
    }
    if (writer.count < survey.rows) throw changed(source.words.name);
    return await writer.finish({
      source: `csv ${source.words.name}`,
      classes: survey.classes,
      features: names,
      ...(targets.length > 0 && { targets }),
    });
  } finally {
    await writer.close();
  }
}

const changed = (name: string): Failure =>
  new Failure({
    code: 'source-changed',
    message: `${name} has fewer rows than at first: it changed while it was read`,
    hint: 'Run again when nothing else writes to it.',
  });

/** Rows as numbers. */
class RowEncoder {
  readonly #cells: Cells;
  readonly #survey: Survey;
  readonly #width: number;
  readonly #labels: ReadonlyMap<string | undefined, number>;

  constructor({ params }: TableSource, survey: Survey, width: number) {
    this.#cells = new Cells(survey.columns, params);
    this.#survey = survey;
    this.#width = width;
    this.#labels = new Map(survey.classes.map((name, label) => [name, label]));
  }

  /** True for a row that becomes an example. */
  keeps(row: Row): boolean {
    return !this.#cells.isOfOtherClass(row) && this.#cells.fate(this.#cells.missingIn(row)) !== 'dropped';
  }

  /** `[B, features]` float32. */
  features(rows: readonly Row[]): Float32Array {
    const numbers = new Float32Array(rows.length * this.#width);
    let at = 0;
    for (const row of rows) {
      const missing = this.#cells.missingIn(row);
      for (const { column, fill, write } of this.#survey.features) {
        if (missing.includes(column)) numbers.set(fill, at);
        else write(row, numbers, at);
        at += fill.length;
      }
    }
    return numbers;
  }

  /** `[B]` uint8, or `[B, targets]` float32. */
  answers(rows: readonly Row[]): Uint8Array | Float32Array {
    const { targets } = this.#survey.columns;
    if (targets.length === 0)
      return Uint8Array.from(rows, row => this.#labels.get(this.#cells.classOf(row)) ?? 0);
    return Float32Array.from(rows.flatMap(row => targets.map(column => this.#cells.number(row, column))));
  }
}
