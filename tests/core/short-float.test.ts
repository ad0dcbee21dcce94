import { describe, expect, it } from 'vitest';
import { shortFloat32 } from '../../src/core/short-float.ts';
import { Random } from '../../src/core/random.ts';
import { seedWords, testSeed } from '../rig/seed.ts';

describe('the text of a float32', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [0.1, '0.1'],
    [0.5, '0.5'],
    [1 / 3, '0.33333334'],
    [1e-7, '1e-7'],
    [-2.25, '-2.25'],
    [16777216, '16777216'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [1.401298464324817e-45, '1.4013e-45'],
  ])('%d is %s', (value, text) => {
    expect(String(shortFloat32(Math.fround(value)))).toBe(text);
  });

  it(`leads to the same number again, whatever it is, with at most nine digits (${seedWords})`, () => {
    const random = new Random(testSeed);
    const bits = new Uint32Array(1);
    const value = new Float32Array(bits.buffer);
    for (let round = 0; round < 20_000; round++) {
      bits[0] = random.integer(0, 2 ** 31 - 1);
      const number = value[0] as number;
      if (!Number.isFinite(number)) continue;
      const text = String(shortFloat32(number));
      expect(Math.fround(Number(text))).toBe(number);
      expect(text.replace(/e.*|[-.]/g, '').replace(/^0+|0+$/g, '').length).toBeLessThanOrEqual(9);
    }
  });
});
