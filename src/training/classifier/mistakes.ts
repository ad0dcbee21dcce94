/** A wrong prediction of an example. */
export interface Mistake {
  /** Position of the example in its data set, from 0. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** Of the predicted class. */
  readonly probability: number;
}

const isWorse = (a: Mistake, b: Mistake): boolean =>
  a.probability > b.probability || (a.probability === b.probability && a.index < b.index);

/** The mistakes with the highest probabilities, at most `limit`; of equal ones those of the first examples. */
export class WorstMistakes {
  /** In falling order. */
  readonly #kept: Mistake[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(mistake: Mistake): void {
    const kept = this.#kept;
    const last = kept[kept.length - 1];
    if (kept.length >= this.#limit && (last === undefined || !isWorse(mistake, last))) return;
    let place = kept.length;
    while (place > 0 && isWorse(mistake, kept[place - 1] as Mistake)) place--;
    kept.splice(place, 0, mistake);
    if (kept.length > this.#limit) kept.pop();
  }

  /** In falling order of the probability, then in the order of the examples. */
  list(): readonly Mistake[] {
    return [...this.#kept];
  }
}
