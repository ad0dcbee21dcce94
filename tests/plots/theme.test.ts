import { describe, expect, test } from 'vitest';
import { DARK, LIGHT, lineClasses, MOST_LINES, styleSheet } from '../../src/plots/theme.ts';

type Rgb = readonly [number, number, number];

const linear = (hex: string): Rgb =>
  [1, 3, 5].map(at => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;

const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** WCAG 2.2. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [a, b].map(color => luminance(linear(color))).sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** What people see who lack one kind of cones: Viénot, Brettel and Mollon (1999), of linear light. */
const BLINDNESS: Readonly<Record<string, readonly Rgb[]>> = {
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
};

/** CIE L*a*b* of linear light, D65. */
function lab(rgb: Rgb): Rgb {
  const xyz = [
    [0.4124, 0.3576, 0.1805],
    [0.2126, 0.7152, 0.0722],
    [0.0193, 0.1192, 0.9505],
  ].map(row => row.reduce((sum, factor, at) => sum + factor * (rgb[at] ?? 0), 0));
  const [x = 0, y = 0, z = 0] = [0.9505, 1, 1.089].map((white, at) => Math.cbrt((xyz[at] ?? 0) / white));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)));

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('%s', (_name, theme) => {
  test('lines stand out from the background, and text more so', () => {
    for (const color of theme.lines) expect(contrast(color, theme.background)).toBeGreaterThanOrEqual(3);
    for (const color of [theme.text, theme.muted])
      expect(contrast(color, theme.background)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(Object.entries(BLINDNESS))('the first four are told apart with %s', (_kind, matrix) => {
    const seen = theme.lines.slice(0, 4).map(color => {
      const rgb = linear(color);
      return lab(
        matrix.map(row => row.reduce((sum, f, at) => sum + f * (rgb[at] ?? 0), 0)) as unknown as Rgb,
      );
    });
    for (const [at, a] of seen.entries())
      for (const b of seen.slice(at + 1)) expect(distance(a, b)).toBeGreaterThan(15);
  });
});

test('no two lines look alike, and beyond the first four they differ in more than color', () => {
  const all = Array.from({ length: MOST_LINES }, (_, index) => lineClasses(index));
  expect(new Set(all).size).toBe(MOST_LINES);
  expect(all.slice(4).every(classes => classes.includes(' '))).toBe(true);
});

test('the style refers to nothing', () => {
  expect(styleSheet()).not.toMatch(/url|@import|http/);
});
