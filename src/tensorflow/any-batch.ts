import { Failure } from '../core/failure.ts';
import type { NativeBinding } from './binding.ts';
import { describe, type ConstantOperation, type RecordedOperation } from './record.ts';

/** A function recorded at one batch size. */
export interface BatchRecording {
  readonly batch: number;
  readonly operations: readonly RecordedOperation[];
}

/** An int32 constant that follows from the batch size: `base + perImage × size`, element by element. */
export interface SizedConstant {
  readonly type: 'sized';
  readonly shape: readonly number[];
  readonly base: readonly number[];
  readonly perImage: readonly number[];
}

/**
 * The operations for a batch of any size, from recordings at three or more sizes. What is the same in all is so at every size;
 * an int32 constant that differs is taken for a linear function of the size by two of them, and compared with the others.
 * @throws Failure `saved-model-batch` where operations depend on the size in another way
 */
export function forAnyBatch(
  { TF_INT32 }: NativeBinding,
  name: string,
  [first, ...others]: readonly [BatchRecording, BatchRecording, BatchRecording, ...BatchRecording[]],
): readonly (RecordedOperation | SizedConstant)[] {
  if (others.some(({ operations }) => operations.length !== first.operations.length))
    throw refusal(name, 'the number of its operations depends on the size');
  return first.operations.map((operation, index) => {
    const same = others.map(({ batch, operations }) => ({
      batch,
      operation: operations[index] as RecordedOperation,
    }));
    if (same.every(other => describe(other.operation) === describe(operation))) return operation;
    const constants = [{ batch: first.batch, operation }, ...same].map(numbersAt(TF_INT32));
    const sized = sizedConstant(constants);
    if (sized !== undefined) return sized;
    throw refusal(name, `${wordsFor(operation)} depends on the size in another way than a + b × size`);
  });
}

interface NumbersAt {
  readonly batch: number;
  readonly shape: readonly number[];
  readonly numbers: Int32Array;
}

/** Returns a function to the numbers of an int32 constant; undefined for every other operation. */
const numbersAt =
  (int32: number) =>
  ({ batch, operation }: { batch: number; operation: RecordedOperation }): NumbersAt | undefined => {
    if (operation.type !== 'constant' || operation.dtype !== int32) return undefined;
    const { shape, bytes } = operation;
    return { batch, shape, numbers: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) };
  };

function sizedConstant(recorded: readonly (NumbersAt | undefined)[]): SizedConstant | undefined {
  const [first, second] = recorded;
  if (first === undefined || second === undefined) return undefined;
  const { shape } = first;
  const perImage = Array.from(first.numbers, (number, at) => {
    return ((second.numbers[at] as number) - number) / (second.batch - first.batch);
  });
  const base = Array.from(first.numbers, (number, at) => number - (perImage[at] as number) * first.batch);
  const fits = (other: NumbersAt | undefined) =>
    other !== undefined &&
    other.shape.join() === shape.join() &&
    other.numbers.every(
      (number, at) => number === (base[at] as number) + (perImage[at] as number) * other.batch,
    );
  const isWhole = [...base, ...perImage].every(Number.isInteger);
  return isWhole && recorded.every(fits) ? { type: 'sized', shape, base, perImage } : undefined;
}

const wordsFor = (operation: RecordedOperation): string =>
  operation.type === 'execute'
    ? `its operation ${operation.name}`
    : `a constant ${shapeOf(operation)} of its operations`;

const shapeOf = (operation: RecordedOperation): string =>
  `[${(operation as ConstantOperation).shape.join(', ')}]`;

const refusal = (name: string, what: string): Failure =>
  new Failure({
    code: 'saved-model-batch',
    message: `The ${name} cannot be saved for batches of any size: ${what}.`,
  });
