import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetArtifact, PredictorArtifact } from '../../core/artifacts.ts';
import { csvRecord } from '../../core/csv.ts';
import { shortFloat32 } from '../../core/short-float.ts';

export const PREDICTION_FILES = ['predictions.csv', 'predictions.jsonl'] as const;

/** One example, what is known of it and what was predicted. */
export interface Predicted {
  readonly index: number;
  /** Its class in the data set, which the predictor may not know. */
  readonly label: string | undefined;
  /** Its numbers in the data set. */
  readonly targets: readonly number[] | undefined;
  /** Probabilities of the predictor's classes, or numbers. */
  readonly outputs: readonly number[];
}

/** A row of the table, in its columns, and as the object of the line of JSON. */
interface Row {
  readonly cells: readonly unknown[];
  readonly object: object;
}

type Names = Pick<PredictorArtifact, 'classes' | 'targets'>;

/** Writer of predictions.csv and predictions.jsonl, of which a batch at a time is in memory. */
export class PredictionWriter {
  readonly #names: Names;
  readonly #dataset: Pick<DatasetArtifact, 'classes' | 'targets'>;
  readonly #csv: FileHandle;
  readonly #lines: FileHandle;

  private constructor(names: Names, dataset: DatasetArtifact, csv: FileHandle, lines: FileHandle) {
    this.#names = names;
    this.#dataset = dataset;
    this.#csv = csv;
    this.#lines = lines;
  }

  static async create(dir: string, names: Names, dataset: DatasetArtifact): Promise<PredictionWriter> {
    const [csv, lines] = await Promise.all(PREDICTION_FILES.map(name => open(join(dir, name), 'w')));
    const writer = new PredictionWriter(names, dataset, csv as FileHandle, lines as FileHandle);
    await writer.#csv.appendFile(csvRecord(writer.#header()));
    return writer;
  }

  async append(predicted: readonly Predicted[]): Promise<void> {
    const rows = predicted.map(each => this.#row(each));
    await this.#csv.appendFile(rows.map(({ cells }) => csvRecord(cells)).join(''));
    await this.#lines.appendFile(rows.map(({ object }) => `${JSON.stringify(object)}\n`).join(''));
  }

  /** Releases the files. Always call it. */
  async close(): Promise<void> {
    await Promise.all([this.#csv.close(), this.#lines.close()]);
  }

  #header(): readonly string[] {
    const { classes, targets } = this.#names;
    return [
      'index',
      ...(this.#dataset.classes.length > 0 ? ['label'] : []),
      ...(this.#dataset.targets?.names ?? []).map(name => `target_${name}`),
      ...(targets === undefined
        ? ['predicted', 'probability', ...classes.map(name => `probability_${name}`)]
        : targets.map(name => `predicted_${name}`)),
    ];
  }

  #row({ index, label, targets, outputs }: Predicted): Row {
    const known = {
      ...(label !== undefined && { label }),
      ...(targets && { targets: named(this.#dataset.targets?.names ?? [], targets) }),
    };
    const start = [index, ...(label === undefined ? [] : [label]), ...(targets ?? [])];
    if (this.#names.targets !== undefined)
      return {
        cells: [...start, ...outputs],
        object: { index, ...known, predicted: named(this.#names.targets, outputs) },
      };
    const { name: predicted, probability } = likeliest(this.#names.classes, outputs);
    return {
      cells: [...start, predicted, probability, ...outputs],
      object: { index, ...known, predicted, probability, probabilities: named(this.#names.classes, outputs) },
    };
  }
}

const named = (names: readonly string[], values: readonly number[]): object =>
  Object.fromEntries(names.map((name, place) => [name, values[place]]));

/** The class with the largest probability: of equal ones, the first. */
export function likeliest(classes: readonly string[], outputs: readonly number[]) {
  const place = outputs.indexOf(Math.max(...outputs));
  return { name: classes[place] as string, probability: outputs[place] as number };
}

/** Numbers of a batch in short form, one list for each example. */
export function shortRows(numbers: Float32Array, width: number): readonly (readonly number[])[] {
  return Array.from({ length: numbers.length / width }, (_, row) =>
    Array.from(numbers.subarray(row * width, (row + 1) * width), shortFloat32),
  );
}
