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

/** The transform `(x - mean) / std` of numbers, with one mean and one standard deviation per number of the last axis. */
export function standardNumbers(mean: readonly number[], std: readonly number[]): Transform {
  return {
    scale: std.map(deviation => 1 / deviation),
    offset: std.map((deviation, at) => -(mean[at] as number) / deviation),
  };
}

/** The transform of numbers from `min` … `max`, per number of the last axis, to `[low, high]`; where both are equal, to `low`. */
export function rangeOfNumbers(
  [low, high]: readonly [number, number],
  min: readonly number[],
  max: readonly number[],
): Transform {
  const scale = min.map((least, at) => {
    const span = (max[at] as number) - least;
    return span === 0 ? 1 : (high - low) / span;
  });
  return { scale, offset: min.map((least, at) => low - least * (scale[at] as number)) };
}

/** The transform from values back to bytes, before they are rounded: `byte = value * scale[c] + offset[c]`. */
export function invertedTransform({ scale, offset }: Transform): Transform {
  return {
    scale: scale.map(factor => 1 / factor),
    offset: scale.map((factor, channel) => -(offset[channel] as number) / factor),
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
