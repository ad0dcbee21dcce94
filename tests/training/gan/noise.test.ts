import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { drawNoise, slerp } from '../../../src/training/gan/noise.ts';

const vector = (...numbers: readonly number[]) => Float32Array.from(numbers);
const dot = (one: Float32Array, other: Float32Array) =>
  one.reduce((sum, value, at) => sum + value * (other[at] as number), 0);
const length = (one: Float32Array) => Math.sqrt(dot(one, one));
const close = (found: Float32Array, expected: readonly number[]) => {
  expect(found).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) expect(found[at]).toBeCloseTo(value, 6);
};

describe('spherical interpolation', () => {
  it('goes along the arc of a circle', () => {
    for (const degrees of [0, 15, 30, 72, 90]) {
      const angle = (degrees * Math.PI) / 180;
      close(slerp(vector(1, 0), vector(0, 1), degrees / 90), [Math.cos(angle), Math.sin(angle)]);
    }
  });

  it('weighs noises of different lengths as they are', () => {
    close(slerp(vector(2, 0), vector(0, 1), 0.5), [Math.SQRT2, Math.SQRT1_2]);
  });

  it('begins and ends with the noises themselves, and turns by the same angle at each step', () => {
    const random = new Random(4);
    const [from, to] = [random.normals(100), random.normals(100)];
    const way = Array.from({ length: 9 }, (_, step) => slerp(from, to, step / 8));
    expect(way[0]).toEqual(from);
    expect(way[8]).toEqual(to);
    const unit = (noise: Float32Array) => noise.map(value => value / length(noise));
    const arc = Array.from({ length: 9 }, (_, step) => slerp(unit(from), unit(to), step / 8));
    const whole = Math.acos(dot(unit(from), unit(to)));
    for (const [step, noise] of arc.entries()) {
      expect(length(noise)).toBeCloseTo(1, 6);
      if (step > 0) expect(Math.acos(dot(noise, arc[step - 1] as Float32Array))).toBeCloseTo(whole / 8, 4);
    }
    // A straight line leads through the middle, where no noise is.
    expect(length(way[4] as Float32Array)).toBeGreaterThan(0.9 * Math.min(length(from), length(to)));
  });

  it('is linear between noises on one line, of which one may be zero', () => {
    close(slerp(vector(1, 2), vector(2, 4), 0.5), [1.5, 3]);
    close(slerp(vector(1, 1), vector(-1, -1), 0.25), [0.5, 0.5]);
    close(slerp(vector(0, 0), vector(3, 1), 0.5), [1.5, 0.5]);
    close(slerp(vector(2), vector(-1), 0.5), [0.5]);
  });
});

describe('noise', () => {
  it('is standard normal', () => {
    expect(drawNoise(new Random(3), 50, undefined)).toEqual(new Random(3).normals(50));
  });

  it('is drawn anew where it lies beyond the truncation', () => {
    const truncated = drawNoise(new Random(3), 500, 0.7);
    const within = new Random(3).normals(2000).filter(value => Math.abs(value) <= 0.7);
    expect(truncated).toEqual(within.subarray(0, 500));
  });

  it('of a truncated normal distribution has its deviation', () => {
    const truncated = drawNoise(new Random(5), 40_000, 1);
    const mean = truncated.reduce((sum, value) => sum + value, 0) / truncated.length;
    // 1 - 2 φ(1) / (2 Φ(1) - 1)
    const variance = 1 - (2 * 0.24197072451914337) / 0.6826894921370859;
    expect(mean).toBeCloseTo(0, 2);
    expect(dot(truncated, truncated) / truncated.length - mean ** 2).toBeCloseTo(variance, 2);
  });
});
