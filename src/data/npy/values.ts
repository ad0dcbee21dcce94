import { Failure } from '../../core/failure.ts';
import type { NpyArray } from './array.ts';
import type { Numbers } from './dtype.ts';
import { readRows, rowLength, type RowsOptions } from './rows.ts';

/** Labels are bytes. */
const MOST_CLASSES = 256;

/** Where a number stands: `x.npy[17, 3]`. */
function place({ name, shape }: NpyArray, index: number): string {
  const at: number[] = [];
  let rest = index;
  for (const size of [...shape.slice(1)].reverse()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `${name}[${[rest, ...at].join(', ')}]`;
}

/**
 * Numbers as float32.
 * @param first The place of the first one among all numbers of the array.
 * @throws Failure for a number that is not finite, with its place
 */
export function toFloat32(numbers: Numbers, array: NpyArray, first: number): Float32Array {
  const floats = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
  if (!array.dtype.name.startsWith('f')) return floats;
  const wrong = floats.findIndex(value => !Number.isFinite(value));
  if (wrong === -1) return floats;
  const value = numbers[wrong] as number;
  const isLarge = Number.isFinite(value);
  throw new Failure({
    code: 'not-finite',
    exitCode: 2,
    message: `${place(array, first + wrong)} is ${value}, ${isLarge ? 'which is too large for float32' : 'which cannot be learned from'}`,
    hint: isLarge
      ? 'Divide the numbers by a power of ten.'
      : 'Save the array without such numbers: numpy.nan_to_num(array).',
  });
}

/** The numbers to predict, `[count, targets]`. @throws Failure for one that is not finite */
export async function readTargets(labels: NpyArray, options: RowsOptions): Promise<Float32Array> {
  const targets = new Float32Array(Math.min(labels.shape[0] ?? 0, options.limit) * rowLength(labels));
  let at = 0;
  for await (const numbers of readRows(labels, options)) {
    targets.set(toFloat32(numbers, labels, at), at);
    at += numbers.length;
  }
  return targets;
}

/** Labels, `[count]`, with the names of their classes. */
export interface Classes {
  readonly labels: Uint8Array;
  readonly classes: readonly string[];
}

/**
 * The classes of examples.
 * @param names Of the classes, where they are given.
 * @throws Failure for a label that is no class, with its place, and where all labels are the same one
 */
export async function readClasses(
  array: NpyArray,
  names: readonly string[] | undefined,
  options: RowsOptions,
): Promise<Classes> {
  const most = names?.length ?? MOST_CLASSES;
  const labels = new Uint8Array(Math.min(array.shape[0] ?? 0, options.limit));
  let at = 0;
  for await (const numbers of readRows(array, options)) {
    const wrong = numbers.findIndex(value => !(Number.isInteger(value) && value >= 0 && value < most));
    if (wrong !== -1) throw wrongLabel(array, at + wrong, numbers[wrong] as number, names);
    labels.set(numbers, at);
    at += numbers.length;
  }
  const last = labels.reduce((highest, label) => Math.max(highest, label), 0);
  if (names === undefined && labels.every(label => label === last)) throw oneClass(array, last);
  return { labels, classes: names ?? Array.from({ length: last + 1 }, (_, label) => String(label)) };
}

function wrongLabel(
  array: NpyArray,
  index: number,
  value: number,
  names: readonly string[] | undefined,
): Failure {
  const most = names?.length ?? MOST_CLASSES;
  const reason =
    Number.isInteger(value) && value >= most ? 'there are' : 'labels are whole numbers from 0 on, of';
  return new Failure({
    code: 'wrong-label',
    exitCode: 2,
    message: `${place(array, index)} is ${value}; ${reason} ${names === undefined ? 'at most ' : ''}${most} classes`,
    hint: 'Number the classes from 0 on, or take labelsAre: targets for numbers to predict.',
  });
}

const oneClass = ({ name }: NpyArray, only: number): Failure =>
  new Failure({
    code: 'one-class',
    exitCode: 2,
    message: `${name} has ${only} for every example: there is nothing to tell apart`,
    hint: 'Where there are more classes than this file has, name them all with classes.',
  });
