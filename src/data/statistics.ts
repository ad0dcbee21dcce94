import type { Dataset } from './dataset.ts';

export interface ChannelStatistics {
  /** Per channel, in units of byte / 255. */
  readonly mean: readonly number[];
  /** Per channel, of the population, in units of byte / 255. */
  readonly std: readonly number[];
}

/** How often each byte value occurs in a channel. */
function histogram(images: Uint8Array, channels: number, channel: number): number[] {
  const counts = new Array<number>(256).fill(0);
  for (let at = channel; at < images.length; at += channels) {
    const byte = images[at] as number;
    counts[byte] = (counts[byte] as number) + 1;
  }
  return counts;
}

/** The mean and standard deviation of each channel over all pixels; exact, as bytes are counted, not summed as floats. */
export function channelStatistics({ images, artifact }: Dataset): ChannelStatistics {
  const moments = Array.from({ length: artifact.channels }, (_, channel) => {
    const counts = histogram(images, artifact.channels, channel);
    const total = images.length / artifact.channels;
    const mean = counts.reduce((sum, count, byte) => sum + count * byte, 0) / total;
    const variance = counts.reduce((sum, count, byte) => sum + count * (byte - mean) ** 2, 0) / total;
    return { mean: mean / 255, std: Math.sqrt(variance) / 255 };
  });
  return { mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) };
}
