import { describe, expect, it } from 'vitest';
import {
  identityTransform,
  invertTransform,
  rangeTransform,
  standardTransform,
} from '../../src/data/transform.ts';

const apply = (bytes: readonly number[], { scale, offset }: ReturnType<typeof identityTransform>) =>
  Float32Array.from(bytes, (byte, index) => {
    const channel = index % scale.length;
    return byte * (scale[channel] as number) + (offset[channel] as number);
  });

const allBytes = Array.from({ length: 256 * 3 }, (_, index) => Math.floor(index / 3));

describe('a transform', () => {
  it.each([
    ['the identity', identityTransform(3)],
    ['a range', rangeTransform(-1, 1, 3)],
    ['mean and deviation', standardTransform([0.49, 0.48, 0.45], [0.25, 0.24, 0.26])],
  ])('comes back to every byte: %s', (_, transform) => {
    expect([...invertTransform(apply(allBytes, transform), transform, 3)]).toEqual(allBytes);
  });

  it('of the range [-1, 1] is x / 127.5 - 1', () => {
    const values = apply([0, 51, 255], rangeTransform(-1, 1, 1));
    expect([...values]).toEqual([-1, Math.fround(51 / 127.5 - 1), 1]);
  });

  it('rounds and clamps what a network overshoots', () => {
    const values = Float32Array.of(-1.2, 0.9999, 1.5, NaN);
    expect([...invertTransform(values, rangeTransform(-1, 1, 1), 1)]).toEqual([0, 255, 255, 0]);
  });

  it('does not invert values of other channels', () => {
    expect(() => invertTransform(new Float32Array(4), identityTransform(3), 3)).toThrow('3 channels');
  });
});
