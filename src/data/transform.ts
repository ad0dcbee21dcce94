import type { Transform } from '../core/artifacts.ts';

/** The range of pixels before a normalize stage. */
export const BYTES = [0, 255] as const;

/** The identity: `value = byte`. */
export function identityTransform(channels: number): Transform {
  return { scale: new Array<number>(channels).fill(1), offset: new Array<number>(channels).fill(0) };
}

/** The transform of bytes 0 … 255 to `[low, high]`; for `[-1, 1]` it is `x / 127.5 - 1`. */
export function rangeTransform(low: number, high: number, channels: number): Transform {
  const scale = (high - low) / 255;
  return { scale: new Array<number>(channels).fill(scale), offset: new Array<number>(channels).fill(low) };
}

/** The transform `(x / 255 - mean) / std`, with one mean and one standard deviation per channel in units of x / 255. */
export function standardTransform(mean: readonly number[], std: readonly number[]): Transform {
  return {
    scale: std.map(deviation => 1 / (255 * deviation)),
    offset: std.map((deviation, channel) => -(mean[channel] as number) / deviation),
  };
}

/**
 * Converts transformed values back to bytes, rounded and clamped to 0 … 255 (NaN becomes 0).
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
