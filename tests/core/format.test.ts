import { describe, expect, it } from 'vitest';
import { formatEstimate } from '../../src/core/format.ts';
import type { Interval } from '../../src/core/interval.ts';

describe('a value with its interval', () => {
  it.each<[string, number, Interval | undefined, string]>([
    ['has the digits that the interval warrants', 0.04053, [0.03992, 0.04114], '0.0405 ± 0.0006'],
    ['has two of them where the first is a 1', 0.04053, [0.03918, 0.04188], '0.0405 ± 0.0014'],
    ['has two of them where the first is a 2', 0.9512, [0.9286, 0.9738], '0.951 ± 0.023'],
    ['has no decimals where hundreds are uncertain', 123.44, [111.3, 135.6], '123 ± 12'],
    ['has all places of a wide one', 12345.6, [12000, 12691.2], '12346 ± 346'],
    ['rounds up to a digit more', 0.5, [0.404, 0.596], '0.50 ± 0.10'],
    ['may be negative', -0.0002, [-0.0007, 0.0003], '-0.0002 ± 0.0005'],
    ['has no minus where it is nothing', -0.00001, [-0.00051, 0.00049], '0.0000 ± 0.0005'],
    ['is about in the middle up to a fifth', 0.0405, [0.0392, 0.0417], '0.0405 ± 0.0013'],
    ['shows both bounds otherwise', 0.0405, [0.04, 0.042], '0.0405 (0.0400–0.0420)'],
    [
      'shows a negative bound so that it can be read',
      0.0001,
      [-0.0004, 0.0022],
      '0.0001 (-0.0004 to 0.0022)',
    ],
    ['may lie outside', 12.5, [13, 14], '12.5 (13.0–14.0)'],
    ['may be certain', 0.5, [0.5, 0.5], '0.5000 ± 0'],
    ['may be certain and outside', 0.5, [0.25, 0.25], '0.5000 (0.2500–0.2500)'],
    ['may be tiny', 2e-10, [1e-10, 3e-10], '2.000e-10 ± 1.000e-10'],
    ['may be nearly certain', 0.5, [0.5 - 1e-12, 0.5 + 1e-12], '0.5000 ± 1.000e-12'],
    ['is NaN with any', NaN, [0, 1], 'NaN'],
    ['is as ever without one', 0.04053, undefined, '0.04053'],
  ])('%s', (_, value, interval, text) => {
    expect(formatEstimate(value, interval)).toBe(text);
  });
});
