import { deriveSeed, Random } from '../core/random.ts';

/** The number of the example at each place of training; places are counted from 0, through all epochs. */
export type ExampleOrder = (place: number) => number;

export interface OrderOptions {
  readonly shuffle: boolean;
  readonly seed: number;
}

/** Every one of `count` examples once, and again and again: each time in another order, or, without shuffling, as numbered. */
export function repeatedOrder(
  count: number,
  { shuffle, seed }: OrderOptions,
  ...names: readonly (string | number)[]
): ExampleOrder {
  if (!shuffle) return place => place % count;
  let current = 0;
  let order: Uint32Array = new Uint32Array();
  return place => {
    const round = Math.floor(place / count) + 1;
    if (round !== current) {
      current = round;
      order = new Random(deriveSeed(seed, 'order', ...names, round)).permutation(count);
    }
    return order[place % count] as number;
  };
}

/**
 * The classes in turn: of any examples that follow each other every class has equally many, or one more than another. Each class
 * comes to the end of its examples before one of them comes again.
 * @param labels The class of each example. A class without examples has no turn.
 */
export function balancedOrder(labels: Uint8Array, options: OrderOptions): ExampleOrder {
  const classes = [...new Set(labels)].sort((one, other) => one - other);
  const orders = classes.map(label => {
    const examples = examplesOf(label, labels);
    const order = repeatedOrder(examples.length, options, 'class', label);
    return (turn: number) => examples[order(turn)] as number;
  });
  return place => (orders[place % orders.length] as ExampleOrder)(Math.floor(place / orders.length));
}

function examplesOf(label: number, labels: Uint8Array): Uint32Array {
  const examples = new Uint32Array(labels.reduce((count, each) => count + Number(each === label), 0));
  let found = 0;
  labels.forEach((each, index) => {
    if (each === label) examples[found++] = index;
  });
  return examples;
}
