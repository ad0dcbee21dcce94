import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { bytesPerExample } from '../core/artifacts/dataset.ts';
import { Interrupted } from '../core/failure.ts';
import type { Examples } from './dataset.ts';

/** An open data set, of images or of any examples, as far as its examples are compared. */
export type Compared = Pick<Examples, 'artifact' | 'pieces'>;

/**
 * Calls a function with the SHA-256 of the bytes of each example, in their order. They are read once, from beginning to end.
 *
 * @throws Interrupted when the signal is aborted
 */
export async function eachDigest(
  examples: Compared,
  signal: AbortSignal | undefined,
  use: (digest: Buffer, index: number) => void,
): Promise<void> {
  const length = bytesPerExample(examples.artifact);
  let index = 0;
  for (const piece of examples.pieces()) {
    if (signal?.aborted === true) throw new Interrupted();
    for (let at = 0; at < piece.length; at += length)
      use(hash('sha256', piece.subarray(at, at + length), 'buffer'), index++);
    // Lets the event loop handle signals and the display between two chunks.
    await setImmediate();
  }
}
