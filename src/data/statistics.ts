import { setImmediate } from 'node:timers/promises';
import { Interrupted } from '../core/failure.ts';
import type { Dataset, Examples } from './dataset.ts';

export interface ChannelStatistics {
  /** Per channel, in units of byte / 255. */
  readonly mean: readonly number[];
  /** Per channel, of the population, in units of byte / 255. */
  readonly std: readonly number[];
}

/** Of numbers, per number of the last axis, in the data's own units. */
export interface NumberStatistics extends ChannelStatistics {
  readonly min: readonly number[];
  readonly max: readonly number[];
}

const VALUES = 256;

/** Counts the occurrences of each byte value in each channel: `counts[channel * 256 + byte]`. */
function countBytes(images: Uint8Array, channels: number, counts: Float64Array): void {
  for (let at = 0; at < images.length; at += channels)
    for (let channel = 0; channel < channels; channel++) {
      const index = channel * VALUES + (images[at + channel] as number);
      counts[index] = (counts[index] as number) + 1;
    }
}

function momentsOf(counts: Float64Array, total: number): { readonly mean: number; readonly std: number } {
  const mean = counts.reduce((sum, count, byte) => sum + count * byte, 0) / total;
  const variance = counts.reduce((sum, count, byte) => sum + count * (byte - mean) ** 2, 0) / total;
  return { mean: mean / 255, std: Math.sqrt(variance) / 255 };
}

/**
 * The mean and standard deviation of each channel over all pixels; exact, as bytes are counted instead of summed as floats.
 *
 * @param onProgress receives the number of bytes counted so far
 * @throws Interrupted when the signal is aborted
 */
export async function channelStatistics(
  dataset: Dataset,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<ChannelStatistics> {
  const { channels, height, width, count: images } = dataset.artifact;
  const counts = new Float64Array(channels * VALUES);
  let done = 0;
  for (const piece of dataset.pieces()) {
    if (signal.aborted) throw new Interrupted();
    countBytes(piece, channels, counts);
    onProgress((done += piece.length));
    // Lets the event loop handle signals and the display between two chunks.
    await setImmediate();
  }
  const total = images * height * width;
  const moments = Array.from({ length: channels }, (_, channel) =>
    momentsOf(counts.subarray(channel * VALUES, (channel + 1) * VALUES), total),
  );
  return { mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) };
}

/**
 * The mean, the standard deviation (of the population), the least and the largest value of each number of the last axis, over all
 * others; in float64, by Welford's method (1962), which loses no digits to a large mean.
 *
 * @param onProgress receives the number of bytes read so far
 * @throws Interrupted when the signal is aborted
 */
export async function numberStatistics(
  examples: Examples,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<NumberStatistics> {
  const moments = new Moments(examples.artifact.channels);
  let done = 0;
  for (const piece of examples.pieces()) {
    if (signal.aborted) throw new Interrupted();
    moments.add(new Float32Array(piece.buffer, piece.byteOffset, piece.length / 4));
    onProgress((done += piece.length));
    await setImmediate();
  }
  return moments.result();
}

class Moments {
  #rows = 0;
  readonly #mean: Float64Array;
  /** Sums of squared differences from the mean. */
  readonly #squares: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;

  constructor(columns: number) {
    this.#mean = new Float64Array(columns);
    this.#squares = new Float64Array(columns);
    this.#min = new Float64Array(columns).fill(Infinity);
    this.#max = new Float64Array(columns).fill(-Infinity);
  }

  add(numbers: Float32Array): void {
    const columns = this.#mean.length;
    for (let at = 0; at < numbers.length; at += columns) {
      this.#rows++;
      for (let column = 0; column < columns; column++) this.#addOne(column, numbers[at + column] as number);
    }
  }

  #addOne(column: number, value: number): void {
    const before = value - (this.#mean[column] as number);
    const mean = (this.#mean[column] as number) + before / this.#rows;
    this.#mean[column] = mean;
    this.#squares[column] = (this.#squares[column] as number) + before * (value - mean);
    if (value < (this.#min[column] as number)) this.#min[column] = value;
    if (value > (this.#max[column] as number)) this.#max[column] = value;
  }

  result(): NumberStatistics {
    return {
      mean: [...this.#mean],
      std: Array.from(this.#squares, sum => Math.sqrt(sum / this.#rows)),
      min: [...this.#min],
      max: [...this.#max],
    };
  }
}
