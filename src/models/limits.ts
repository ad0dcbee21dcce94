import { formatShape, symbolicProduct, ShapeError, type SymbolicShape } from './shape.ts';
import { isKnown } from './size.ts';

/** Most numbers in a layer's output for one image, and most weights of a network: more fit into no memory. */
const MAX_OUTPUT = 100_000_000;
const MAX_WEIGHTS = 1_000_000_000;

/** Throws a ShapeError for a layer whose output or whose network's weights fit into no memory. */
export function checkSize(output: SymbolicShape, weights: number): void {
  const count = (value: number) => value.toLocaleString('en-US');
  const numbers = symbolicProduct(output);
  if (isKnown(numbers) && !(numbers <= MAX_OUTPUT))
    throw new ShapeError(
      `gives ${formatShape(output)}: ${count(numbers)} numbers for each picture, at most ${count(MAX_OUTPUT)} are possible`,
    );
  if (!(weights <= MAX_WEIGHTS))
    throw new ShapeError(
      `makes it ${count(weights)} weights, at most ${count(MAX_WEIGHTS)} are possible for a network`,
    );
}

/** Adds the names of a layer's heads to those before it. Throws a ShapeError for a name that is taken. */
export function checkHeads(names: readonly string[], before: Set<string>): void {
  for (const name of names) {
    if (before.has(name))
      throw new ShapeError(`gives a second output called ${name}`, {
        hint: 'Keep one of the layers that give it.',
      });
    before.add(name);
  }
}
