import { Random, deriveSeed } from '../core/random.ts';
import { shapes, type Shape } from './shapes.ts';

/** Height and width of a synthetic picture, in pixels; it has three channels, as CIFAR-10 has. */
const SIZE = 32;
const IMAGE_BYTES = SIZE * SIZE * 3;

/** The classes in the order of their labels. */
export const SYNTHETIC_CLASSES: readonly string[] = Object.keys(shapes);

type Colour = readonly [number, number, number];

/** Hue, saturation and value, each 0 … 1, as red, green and blue, each 0 … 255. */
function fromHsv(hue: number, saturation: number, value: number): Colour {
  const channel = (n: number) => {
    const k = (n + hue * 6) % 6;
    return 255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** A dark background, flat or with a soft gradient: `from` at the near end of its direction, `from + by` at the far end. */
function background(random: Random) {
  const hue = random.uniform();
  const saturation = random.uniform(0.2, 0.6);
  const value = random.uniform(0.15, 0.3);
  const from = fromHsv(hue, saturation, value);
  const angle = random.uniform(0, 2 * Math.PI);
  const to = random.uniform() < 0.5 ? from : fromHsv(hue, saturation, value + 0.15);
  return { from, by: to.map((end, channel) => end - (from[channel] as number)), angle };
}

/** Draws one picture into `SIZE * SIZE * 3` bytes, rows from the top, channels last. */
function draw(shape: Shape, random: Random, into: Uint8Array): void {
  const bright = fromHsv(random.uniform(), random.uniform(0.7, 0.9), random.uniform(0.9, 1));
  const dark = background(random);
  const [slopeX, slopeY] = [Math.cos(dark.angle) / SIZE, Math.sin(dark.angle) / SIZE];
  const radius = random.uniform(9.5, 12);
  const centreX = SIZE / 2 + random.uniform(-2, 2);
  const centreY = SIZE / 2 + random.uniform(-2, 2);
  const turn = random.uniform(-0.15, 0.15);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  let byte = 0;
  for (let row = 0; row < SIZE; row++)
    for (let column = 0; column < SIZE; column++) {
      const x = column + 0.5 - centreX;
      const y = row + 0.5 - centreY;
      const coverage = shape(cos * x + sin * y, cos * y - sin * x, radius);
      const far = 0.5 + (column - SIZE / 2) * slopeX + (row - SIZE / 2) * slopeY;
      for (let channel = 0; channel < 3; channel++) {
        const under = (dark.from[channel] as number) + far * (dark.by[channel] as number);
        into[byte++] = Math.round(under + coverage * ((bright[channel] as number) - under));
      }
    }
}

/**
 * Draws `count` pictures from number `first` on: picture i has class `i % classes.length`, and depends only on the seed, the
 * split and i. The test split's pictures differ from the training split's.
 *
 * @returns `[count, 32, 32, 3]` uint8 and `[count]` uint8
 */
export function drawSynthetic(options: {
  readonly seed: number;
  readonly split: 'train' | 'test';
  readonly classes: readonly string[];
  readonly first: number;
  readonly count: number;
}): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const { seed, split, classes, first, count } = options;
  const images = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint8Array(count);
  for (let place = 0; place < count; place++) {
    const label = (first + place) % classes.length;
    const shape = shapes[classes[label] as string];
    if (shape === undefined) throw new Error(`no synthetic class ${classes[label]}`);
    const random = new Random(deriveSeed(seed, 'synthetic', split, first + place));
    draw(shape, random, images.subarray(place * IMAGE_BYTES, (place + 1) * IMAGE_BYTES));
    labels[place] = label;
  }
  return { images, labels };
}
