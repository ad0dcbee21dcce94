import { setImmediate } from 'node:timers/promises';
import { Interrupted } from '../core/failure.ts';
import type { Dataset } from './dataset.ts';

export interface ChannelStatistics {
  /** Per channel, in units of byte / 255. */
  readonly mean: readonly number[];
  /** Per channel, of the population, in units of byte / 255. */
  readonly std: readonly number[];
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
