import { Failure } from '../../core/failure.ts';
import type { ImageShape, NumbersShape } from '../dataset-writer.ts';
import type { NpyArray } from './array.ts';
import type { ChosenArrays } from './choose.ts';
import { isWhole } from './dtype.ts';
import type { ArraysParams } from './params.ts';
import { rowLength } from './rows.ts';

/** What becomes of arrays, as far as their headers tell. */
export interface ArraysLayout {
  /** Examples written: at most the limit. */
  readonly count: number;
  readonly shape: ImageShape | NumbersShape;
  /** Names of the numbers to predict, where labels are such. */
  readonly targets: readonly string[] | undefined;
}

/** @throws Failure for arrays that do not fit each other, or the names that the parameters give */
export function arraysLayout({ examples, labels }: ChosenArrays, params: ArraysParams): ArraysLayout {
  const [count] = examples.shape;
  if (count === undefined) throw wrongShape(examples, 'which is one number', 'Save an array of examples.');
  if (count === 0 || rowLength(examples) === 0)
    throw wrongShape(examples, 'which has no numbers', 'Save an array with examples in it.');
  const shape = exampleShape(examples);
  checkFeatures(examples, shape, params);
  if (labels !== undefined && labels.shape[0] !== count)
    throw wrongShape(labels, `and ${examples.name} has ${count} examples`, 'Save a label for each example.');
  return {
    count: Math.min(count, params.limit ?? Infinity),
    shape,
    targets: labels && targetNames(labels, params),
  };
}

/** Bytes of pictures are images, everything else numbers. */
function exampleShape({ dtype, shape: [, ...axes] }: NpyArray): ImageShape | NumbersShape {
  const [height = 1, width = 1, channels = 1] = axes;
  const isImage =
    dtype.name === 'u1' && (axes.length === 2 || axes.length === 3) && [1, 3].includes(channels);
  return isImage ? { height, width, channels } : { shape: axes.length === 0 ? [1] : axes };
}

function checkFeatures(
  examples: NpyArray,
  shape: ImageShape | NumbersShape,
  { features }: ArraysParams,
): void {
  if (features === undefined) return;
  if (!('shape' in shape))
    throw wrongShape(examples, 'of bytes, which are images and have no features', 'Leave features out.');
  if (features.length !== shape.shape.at(-1))
    throw wrongShape(
      examples,
      `and features has ${features.length} names`,
      'Name every number of the last axis.',
    );
}

function targetNames(labels: NpyArray, { labelsAre, classes, targets }: ArraysParams) {
  const areClasses =
    labelsAre === 'auto' ? isWhole(labels.dtype) && targets === undefined : labelsAre === 'classes';
  const each = rowLength(labels);
  if (areClasses) {
    if (each === 1) return undefined;
    throw wrongShape(
      labels,
      'and a class is one number',
      'Save the numbers of the classes: y.argmax(axis=-1).',
    );
  }
  if (classes !== undefined)
    throw wrongShape(labels, `of ${labels.dtype.name}, which are no classes`, 'Take labelsAre: classes.');
  if (labels.shape.length > 2 || each === 0)
    throw wrongShape(labels, 'and targets are [N] or [N, targets]', 'Reshape it: y.reshape(len(y), -1).');
  if (targets !== undefined && targets.length !== each)
    throw wrongShape(labels, `and targets has ${targets.length} names`, 'Name every number to predict.');
  return targets ?? (each === 1 ? ['target'] : Array.from({ length: each }, (_, at) => `target ${at}`));
}

const wrongShape = ({ name, shape }: NpyArray, why: string, hint: string): Failure =>
  new Failure({
    code: 'wrong-shape',
    exitCode: 2,
    message: `${name} is of shape [${shape.join(', ')}], ${why}`,
    hint,
  });
