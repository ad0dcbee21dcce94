import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { ArrayFile, NpyArray } from './array.ts';
import type { ArraysParams } from './params.ts';

const EXAMPLES = ['x', 'X', 'examples', 'images', 'data', 'x_train'];
const LABELS = ['y', 'Y', 'labels', 'label', 'targets', 'y_train'];

/** The arrays that a data set is made of. */
export interface ChosenArrays {
  readonly examples: NpyArray;
  readonly labels: NpyArray | undefined;
}

/**
 * Chooses arrays by their names.
 * @param labels The file with labels, where the examples' file has none.
 * @throws Failure for a name that a file does not have, or where none is known
 */
export async function chooseArrays(
  source: ArrayFile,
  labels: ArrayFile | undefined,
  { arrays }: ArraysParams,
): Promise<ChosenArrays> {
  const wanted = nameOf(source, 'examples', arrays.examples, EXAMPLES);
  const isAlone = source.names?.length === 1 && wanted === undefined;
  if (wanted === undefined && source.names !== undefined && !isAlone)
    throw unknown(source, 'examples', EXAMPLES);
  const from = labels ?? source;
  const answers = nameOf(from, 'labels', arrays.labels, LABELS);
  const own = labels !== undefined && answers === undefined && labels.names?.length === 1;
  if (labels?.names !== undefined && answers === undefined && !own) throw unknown(labels, 'labels', LABELS);
  return {
    examples: await source.open(wanted ?? source.names?.[0]),
    labels:
      answers === undefined && labels === undefined ? undefined : await from.open(answers ?? from.names?.[0]),
  };
}

/** @throws Failure for a given name that the file does not have */
function nameOf(
  { name, names = [] }: ArrayFile,
  what: 'examples' | 'labels',
  given: string | undefined,
  usual: readonly string[],
): string | undefined {
  if (given === undefined) return usual.find(each => names.includes(each));
  if (names.includes(given)) return given;
  throw new Failure({
    code: 'unknown-array',
    exitCode: 2,
    message: `${name} has no array "${given}", which arrays.${what} names`,
    details: [`It has ${names.length === 0 ? 'one array without a name' : names.slice(0, 20).join(', ')}.`],
    hint: didYouMean(given, names) ?? 'Choose among those.',
  });
}

const unknown = (
  { name, names = [] }: ArrayFile,
  what: 'examples' | 'labels',
  usual: readonly string[],
): Failure =>
  new Failure({
    code: 'unknown-array',
    exitCode: 2,
    message: `${name} has none of the arrays ${usual.join(', ')}`,
    details: [names.length === 0 ? 'It has no array.' : `It has ${names.slice(0, 20).join(', ')}.`],
    hint: `Name the one with the ${what}: arrays: { ${what}: ${names[0] ?? '…'} }.`,
  });
