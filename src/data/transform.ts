import type { Transform } from '../core/artifacts.ts';

/** What pixels are before a normalize stage. */
export const BYTES = [0, 255] as const;

/** Bytes as they are: `value = byte`. */
export function identityTransform(channels: number): Transform {
  return { scale: new Array<number>(channels).fill(1), offset: new Array<number>(channels).fill(0) };
}

/** Bytes 0 … 255 to `[low, high]`; `[-1, 1]` is `x / 127.5 - 1`. */
export function rangeTransform(low: number, high: number, channels: number): Transform {
  const scale = (high - low) / 255;
  return { scale: new Array<number>(channels).fill(scale), offset: new Array<number>(channels).fill(low) };
}

/** `(x / 255 - mean) / std`, one mean and one standard deviation per channel, both in units of x / 255. */
export function standardTransform(mean: readonly number[], std: readonly number[]): Transform {
  return {
    scale: std.map(deviation => 1 / (255 * deviation)),
    offset: std.map((deviation, channel) => -(mean[channel] as number) / deviation),
  };
}

/**
 * Turns transformed values back into bytes, rounded, and clamped to 0 … 255 (NaN becomes 0).
 *
 * @param values channels last, such as a generator's output `[B, H, W, C]`
 */
export function invertTransform(values: Float32Array, transform: Transform, channels: number): Uint8Array {
  const { scale, offset } = transform;
  if (scale.length !== channels || offset.length !== channels || values.length % channels !== 0)
    throw new Error(
      `a transform of ${scale.length} channels cannot invert ${values.length} values of ${channels}`,
    );
  const bytes = new Uint8ClampedArray(values.length);
  for (let index = 0; index < values.length; index++) {
    const channel = index % channels;
    const byte = ((values[index] as number) - (offset[channel] as number)) / (scale[channel] as number);
    bytes[index] = Math.round(byte);
  }
  return new Uint8Array(bytes.buffer);
}
