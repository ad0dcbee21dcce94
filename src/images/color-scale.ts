import type { Color } from './canvas.ts';

/** Lightness, chroma (from green to red, from blue to yellow) of Ottosson's Oklab (2020). */
type Oklab = readonly [lightness: number, a: number, b: number];

/** White, a blue of middle lightness, and a dark one of the same hue. */
const stops: readonly Oklab[] = [
  [1, 0, 0],
  [0.66, -0.045, -0.125],
  [0.32, -0.02, -0.105],
];

/** The color of a share in [0, 1] on a scale of one hue, whose lightness falls evenly: white for 0, dark blue for 1. */
export function scaleColor(share: number): Color {
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const first = Math.min(Math.floor(place), stops.length - 2);
  const [from, to] = [stops[first] as Oklab, stops[first + 1] as Oklab];
  const between = (index: 0 | 1 | 2) => from[index] + (to[index] - from[index]) * (place - first);
  return srgbOf([between(0), between(1), between(2)]);
}

function srgbOf([lightness, a, b]: Oklab): Color {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    byteOf(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
    byteOf(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
    byteOf(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short),
  ];
}

/** A byte of sRGB from linear light. */
function byteOf(linear: number): number {
  const light = Math.min(Math.max(linear, 0), 1);
  const encoded = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(encoded * 255);
}

/** Relative luminance in [0, 1], as WCAG 2 defines it. */
function luminance([red, green, blue]: Color): number {
  const linear = (byte: number) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Contrast of two colors as WCAG 2 defines it: 1 to 21; text is legible from 4.5 on. */
export function contrast(one: Color, other: Color): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Whichever of the colors stands out more. */
export const legibleOn = (background: Color, colors: readonly [Color, Color]): Color =>
  contrast(background, colors[0]) >= contrast(background, colors[1]) ? colors[0] : colors[1];
