import { Failure } from '../../core/failure.ts';

/** Features and probabilities of pictures, one row each. */
export interface Embedded {
  /** `[count, width]` */
  readonly features: Float32Array;
  /** `[count, classes]` */
  readonly probabilities: Float32Array;
}

/** A frozen network that makes features of pictures, by which scores compare them. Dispose of it after use. */
export interface Embedding {
  /** Name and content hash, such as `pipe-cifar10@1a2b3c4d`: equal ids, equal features. */
  readonly id: string;
  readonly name: string;
  /** Features of one picture. */
  readonly width: number;
  /** `[H, W, C]` of the pictures that it was opened for. */
  readonly imageShape: readonly number[];
  /** Names of the probabilities; none where the network's classes have no names here. */
  readonly classes: readonly string[];
  /** Pictures at a time that keep the processors busy in little memory. */
  readonly batchSize: number;
  /**
   * @param images `[count, H, W, C] uint8`
   * One graph is compiled for each count.
   */
  embed(images: Uint8Array, count: number): Promise<Embedded>;
  dispose(): Promise<void>;
}

const sizes = (shape: readonly number[]): string => shape.join('×');

/** @throws Failure `embedding-size` for pictures of another size or number of channels than the network takes */
export function checkImageShape(name: string, taken: readonly number[], found: readonly number[]): void {
  if (sizes(taken) === sizes(found)) return;
  throw new Failure({
    code: 'embedding-size',
    message: `${name} takes pictures of ${sizes(taken)}, and these are ${sizes(found)}`,
    hint: `name a classifier that a fit stage trained on pictures of ${sizes(found)}, or make pictures of ${sizes(taken)}`,
  });
}
