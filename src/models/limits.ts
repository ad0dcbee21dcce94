import { formatShape, openProduct, ShapeError, type OpenShape } from './shape.ts';
import { isKnown } from './size.ts';

/** Numbers in what a layer gives for one picture, and weights of a network: more fit into no memory. */
const MAX_OUTPUT = 100_000_000;
const MAX_WEIGHTS = 1_000_000_000;

/** Throws a ShapeError for a layer whose output or whose network's weights fit into no memory. */
export function checkSize(output: OpenShape, weights: number): void {
  const count = (value: number) => value.toLocaleString('en-US');
  const numbers = openProduct(output);
  if (isKnown(numbers) && !(numbers <= MAX_OUTPUT))
    throw new ShapeError(
      `gives ${formatShape(output)}: ${count(numbers)} numbers for each picture, at most ${count(MAX_OUTPUT)} are possible`,
    );
  if (!(weights <= MAX_WEIGHTS))
    throw new ShapeError(
      `makes it ${count(weights)} weights, at most ${count(MAX_WEIGHTS)} are possible for a network`,
    );
}

/** Adds a layer's heads to those of the layers before it. Throws a ShapeError for a name that is there already. */
export function checkHeads(names: readonly string[], before: Set<string>): void {
  for (const name of names) {
    if (before.has(name))
      throw new ShapeError(`gives a second output called ${name}`, {
        hint: 'Keep one of the layers that give it.',
      });
    before.add(name);
  }
}
