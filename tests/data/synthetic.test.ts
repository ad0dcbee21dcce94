import { describe, expect, it } from 'vitest';
import { drawSynthetic, SYNTHETIC_CLASSES } from '../../src/data/synthetic.ts';

const IMAGE = 32 * 32 * 3;
const draw = (options: Partial<Parameters<typeof drawSynthetic>[0]> = {}) =>
  drawSynthetic({ seed: 1, split: 'train', classes: SYNTHETIC_CLASSES, first: 0, count: 20, ...options });

/** The largest channel of a pixel. */
const brightness = (image: Uint8Array, row: number, column: number) =>
  Math.max(...image.subarray((row * 32 + column) * 3, (row * 32 + column) * 3 + 3));

describe('the synthetic data set', () => {
  it('draws the classes in turn', () => {
    const { images, labels } = draw();
    expect(images).toHaveLength(20 * IMAGE);
    expect([...labels]).toEqual([...Array(10).keys(), ...Array(10).keys()]);
    expect(SYNTHETIC_CLASSES).toHaveLength(10);
  });

  it('draws the same for the same seed, and other things for another seed or split', () => {
    const [once, again] = [draw().images, draw().images];
    expect(Buffer.compare(once, again)).toBe(0);
    expect(Buffer.compare(once, draw({ seed: 2 }).images)).not.toBe(0);
    expect(Buffer.compare(once, draw({ split: 'test' }).images)).not.toBe(0);
  });

  it('draws picture i alike however many are drawn', () => {
    const { images } = draw();
    expect(draw({ first: 13, count: 1 }).images).toEqual(images.subarray(13 * IMAGE, 14 * IMAGE));
  });

  it('draws only the classes asked for, alternating', () => {
    const { images, labels } = draw({ classes: ['star', 'ring'], count: 4 });
    expect([...labels]).toEqual([0, 1, 0, 1]);
    // A ring's middle is as dark as the background, a star's is not.
    expect(brightness(images.subarray(0, IMAGE), 16, 16)).toBeGreaterThan(200);
    expect(brightness(images.subarray(IMAGE, 2 * IMAGE), 16, 16)).toBeLessThan(130);
  });

  it('shows a bright thing on a dark ground, its edges smooth', () => {
    const { images } = draw({ classes: ['disc'], count: 50 });
    for (let at = 0; at < images.length; at += IMAGE) {
      const image = images.subarray(at, at + IMAGE);
      expect(brightness(image, 16, 16)).toBeGreaterThan(225);
      expect(brightness(image, 0, 0)).toBeLessThan(135);
      const levels = new Set(Array.from({ length: 32 }, (_, column) => brightness(image, 16, column)));
      expect(levels.size).toBeGreaterThan(2);
    }
  });

  it('gives every class a shape that covers a part of the picture of its own', () => {
    const { images } = draw({ count: 10 * 40 });
    const mean = SYNTHETIC_CLASSES.map((_, label) => {
      const sum = new Float64Array(1024);
      for (let image = label; image < 400; image += 10)
        for (let pixel = 0; pixel < 1024; pixel++)
          sum[pixel] =
            (sum[pixel] as number) +
            (brightness(images.subarray(image * IMAGE), pixel >> 5, pixel & 31) > 180 ? 1 / 40 : 0);
      return sum;
    });
    const distance = (one: Float64Array, other: Float64Array) =>
      one.reduce((total, value, pixel) => total + Math.abs(value - (other[pixel] as number)), 0);
    mean.forEach((one, label) => {
      for (const other of mean.slice(label + 1)) expect(distance(one, other)).toBeGreaterThan(40);
    });
  });
});
