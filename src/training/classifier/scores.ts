import { WorstMistakes, type Mistake } from './mistakes.ts';

/** Scores of one class. A quotient with nothing below its line is 0, as scikit-learn's with `zero_division=0`. */
export interface ClassScores {
  /** Share of right ones among the examples predicted to be of the class. */
  readonly precision: number;
  /** Share of right ones among the examples of the class. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
  /** Number of examples of the class. */
  readonly support: number;
}

export interface ClassificationScores {
  /** Number of examples. */
  readonly count: number;
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** Share of examples whose most probable class is their label. */
  readonly accuracy: number;
  /** Share of examples whose label is among the `k` most probable classes. */
  readonly topK: number;
  readonly k: number;
  /** Mean F1 of all classes; that of a class without examples that is never predicted is 0. */
  readonly macroF1: number;
  /** Numbers of examples: rows are labels, columns predictions. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly ClassScores[];
  /** The mistakes with the highest probabilities. */
  readonly wrongest: readonly Mistake[];
}

export interface EvaluationOptions {
  /** Number of classes. */
  readonly classes: number;
  /** Of top-k. */
  readonly k: number;
  /** Most mistakes to keep. */
  readonly wrongest: number;
}

/** Probabilities in the cross-entropy are kept in [1e-7, 1 - 1e-7], as by Keras. */
const LEAST = 1e-7;

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/**
 * Scores of predicted probabilities, added up batch by batch in memory that does not depend on the number of examples.
 * Of equal probabilities that of the first class ranks first, so that top-1 is the accuracy. A row that is not a number makes
 * the loss NaN and counts as wrong.
 */
export class ClassEvaluation {
  readonly #options: EvaluationOptions;
  /** `[classes, classes]`: labels by predictions. */
  readonly #confusion: Float64Array;
  readonly #mistakes: WorstMistakes;
  #count = 0;
  #loss = 0;
  #correct = 0;
  #amongK = 0;

  constructor(options: EvaluationOptions) {
    this.#options = options;
    this.#confusion = new Float64Array(options.classes ** 2);
    this.#mistakes = new WorstMistakes(options.wrongest);
  }

  /**
   * @param labels `[B]`
   * @param probabilities `[B, classes]`
   * @param firstIndex Position of the first example in its data set; the others follow it
   * @throws Error when lengths differ or a label is no class
   */
  add(labels: Uint8Array, probabilities: Float32Array, firstIndex: number): void {
    const { classes } = this.#options;
    if (probabilities.length !== labels.length * classes)
      throw new Error(
        `${labels.length} labels with ${probabilities.length} probabilities of ${classes} classes`,
      );
    for (const [place, label] of labels.entries()) {
      if (label >= classes) throw new Error(`label ${label} of ${classes} classes`);
      this.#addOne(label, probabilities.subarray(place * classes, (place + 1) * classes), firstIndex + place);
    }
  }

  #addOne(label: number, row: Float32Array, index: number): void {
    const { classes, k } = this.#options;
    const { predicted, rank } = rankOf(row, label);
    const probability = row[predicted] as number;
    const cell = label * classes + predicted;
    this.#confusion[cell] = (this.#confusion[cell] as number) + 1;
    this.#count++;
    this.#loss -= Math.log(Math.min(Math.max(row[label] as number, LEAST), 1 - LEAST));
    if (rank === 0) this.#correct++;
    if (rank < k) this.#amongK++;
    if (predicted !== label && !Number.isNaN(probability))
      this.#mistakes.add({ index, label, predicted, probability });
  }

  /** @throws Error before anything was added */
  scores(): ClassificationScores {
    const { classes, k } = this.#options;
    if (this.#count === 0) throw new Error('scores of no examples');
    const confusion = Array.from({ length: classes }, (_, label) => [
      ...this.#confusion.subarray(label * classes, (label + 1) * classes),
    ]);
    const perClass = scoresOfClasses(confusion);
    return {
      count: this.#count,
      loss: this.#loss / this.#count,
      accuracy: this.#correct / this.#count,
      topK: this.#amongK / this.#count,
      k,
      macroF1: meanOf(perClass, 'f1'),
      confusion,
      perClass,
      wrongest: this.#mistakes.list(),
    };
  }
}

/** The most probable class, the first of equal ones, and how many classes rank before the label. */
function rankOf(row: Float32Array, label: number): { readonly predicted: number; readonly rank: number } {
  const own = row[label] as number;
  let predicted = 0;
  let rank = 0;
  for (let other = 0; other < row.length; other++) {
    const probability = row[other] as number;
    if (probability > (row[predicted] as number)) predicted = other;
    if (probability > own || (probability === own && other < label)) rank++;
  }
  return { predicted, rank: Number.isNaN(own) ? row.length : rank };
}

function scoresOfClasses(confusion: readonly (readonly number[])[]): readonly ClassScores[] {
  return confusion.map((row, index) => {
    const right = row[index] as number;
    const support = row.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, other) => sum + (other[index] as number), 0);
    return {
      precision: ratio(right, predicted),
      recall: ratio(right, support),
      f1: ratio(2 * right, predicted + support),
      support,
    };
  });
}

/** Mean of a score over all classes, each counting alike. */
export const meanOf = (perClass: readonly ClassScores[], score: 'precision' | 'recall' | 'f1'): number =>
  perClass.reduce((sum, each) => sum + each[score], 0) / perClass.length;
