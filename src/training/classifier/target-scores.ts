export interface TargetScores {
  /** Mean squared error. */
  readonly mse: number;
  /** Mean absolute error. */
  readonly mae: number;
  /**
   * Coefficient of determination: 1 - squared errors / squared distances from the mean. Of a target that does not vary it is 1
   * where it was predicted exactly and 0 elsewhere; of fewer than two examples it is NaN. All as scikit-learn's.
   */
  readonly r2: number;
}

/** Each score is the mean of those of the targets. */
export interface RegressionScores extends TargetScores {
  /** Number of examples. */
  readonly count: number;
  readonly perTarget: readonly TargetScores[];
}

/** Sums of one target, with its mean and squared distances from it by Welford's algorithm. */
class Sums {
  #count = 0;
  #squared = 0;
  #absolute = 0;
  #mean = 0;
  #variation = 0;

  add(truth: number, predicted: number): void {
    const error = predicted - truth;
    this.#count++;
    this.#squared += error * error;
    this.#absolute += Math.abs(error);
    const distance = truth - this.#mean;
    this.#mean += distance / this.#count;
    this.#variation += distance * (truth - this.#mean);
  }

  scores(): TargetScores {
    return { mse: this.#squared / this.#count, mae: this.#absolute / this.#count, r2: this.#determination() };
  }

  #determination(): number {
    if (this.#count < 2) return NaN;
    if (this.#variation === 0) return this.#squared === 0 ? 1 : 0;
    return 1 - this.#squared / this.#variation;
  }
}

/** Scores of predicted numbers, added up batch by batch in memory that does not depend on the number of examples. */
export class TargetEvaluation {
  readonly #sums: readonly Sums[];
  #count = 0;

  /** @param targets Numbers of each example */
  constructor(targets: number) {
    this.#sums = Array.from({ length: targets }, () => new Sums());
  }

  /**
   * @param truth `[B, targets]`
   * @param predicted `[B, targets]`
   * @throws Error when lengths differ
   */
  add(truth: Float32Array, predicted: Float32Array): void {
    const { length } = this.#sums;
    if (truth.length !== predicted.length || truth.length % length !== 0)
      throw new Error(`${predicted.length} predictions for ${truth.length} numbers of ${length} targets`);
    for (let place = 0; place < truth.length; place++)
      (this.#sums[place % length] as Sums).add(truth[place] as number, predicted[place] as number);
    this.#count += truth.length / length;
  }

  /** @throws Error before anything was added */
  scores(): RegressionScores {
    if (this.#count === 0) throw new Error('scores of no examples');
    const perTarget = this.#sums.map(sums => sums.scores());
    const mean = (score: keyof TargetScores) =>
      perTarget.reduce((sum, each) => sum + each[score], 0) / perTarget.length;
    return { count: this.#count, mse: mean('mse'), mae: mean('mae'), r2: mean('r2'), perTarget };
  }
}
