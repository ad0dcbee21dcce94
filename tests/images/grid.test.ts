import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { createCanvas } from '../../src/images/canvas.ts';
import { drawGrid, partThatFits } from '../../src/images/grid.ts';
import type { ImageBatch } from '../../src/images/pixels.ts';
import { encodePng } from '../../src/images/png.ts';
import { firstOfEach } from '../../src/images/sample-evenly.ts';
import { drawFrame, drawSampleGrid, imagesPerFrame } from '../../src/images/samples.ts';
import { drawText, fitText, lineHeight, textWidth } from '../../src/images/text.ts';

/** `count` images, each of one colour: `[10 * index, 20, 30]`, or grey `10 * index`. */
function plainImages(count: number, { size = 4, channels = 3 } = {}): ImageBatch {
  const images = Uint8Array.from({ length: count * size * size * channels }, (_, position) => {
    const channel = position % channels;
    return channel === 0 ? 10 * Math.floor(position / (size * size * channels)) : 10 + 10 * channel;
  });
  return { images, count, height: size, width: size, channels };
}

async function decode(png: Buffer) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * info.channels, (y * info.width + x + 1) * info.channels),
  ];
  return { ...info, data, at };
}

const white = [255, 255, 255];

describe('a grid', () => {
  test('has its images in rows from left to right, each pixel a square, with white between them', async () => {
    const grid = await decode(await drawGrid({ ...plainImages(6), columns: 3, scale: 5, gap: 2 }));
    // 4 of margin, 3 images of 20 with 2 between, 4 of margin.
    expect([grid.width, grid.height, grid.channels]).toEqual([72, 50, 3]);
    expect(grid.at(3, 3)).toEqual(white);
    expect(grid.at(4, 4)).toEqual([0, 20, 30]);
    expect(grid.at(23, 23)).toEqual([0, 20, 30]);
    expect(grid.at(24, 10)).toEqual(white);
    expect(grid.at(26, 10)).toEqual([10, 20, 30]);
    expect(grid.at(4, 26)).toEqual([30, 20, 30]);
    expect(grid.at(67, 45)).toEqual([50, 20, 30]);
    expect(grid.at(68, 46)).toEqual(white);
  });

  test('keeps the pixels of each image in their places', async () => {
    const images = Uint8Array.from({ length: 2 * 3 * 3 }, (_, index) => index * 10);
    const grid = await decode(
      await drawGrid({ images, count: 1, height: 2, width: 3, channels: 3, columns: 1, scale: 2 }),
    );
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 6; x++) {
        const first = ((y >> 1) * 3 + (x >> 1)) * 30;
        expect(grid.at(4 + x, 4 + y)).toEqual([first, first + 10, first + 20]);
      }
  });

  test('shows grey images in grey', async () => {
    const grid = await decode(await drawGrid({ ...plainImages(3, { channels: 1 }), columns: 3, scale: 1 }));
    expect(grid.at(4 + 2 * 6, 4)).toEqual([20, 20, 20]);
  });

  test('enlarges small images until they can be seen, and leaves large ones as they are', async () => {
    const width = async (size: number) =>
      (await decode(await drawGrid({ ...plainImages(1, { size }), columns: 1 }))).width - 8;
    expect(await width(32)).toBe(96);
    expect(await width(28)).toBe(84);
    expect(await width(200)).toBe(200);
  });

  test('starts each row label on a row of its own, and leaves the rest of a row white', async () => {
    const grid = await decode(
      await drawGrid({ ...plainImages(6), columns: 2, scale: 5, gap: 0, rowLabels: ['cat', 'dog'] }),
    );
    const left = 4 + textWidth('cat') + 8;
    expect([grid.width, grid.height]).toEqual([left + 40 + 4, 4 + 4 * 20 + 4]);
    // The third image of cat is alone on the second row, the first one of dog opens the third.
    expect(grid.at(left, 4 + 20)).toEqual([20, 20, 30]);
    expect(grid.at(left + 20, 4 + 20)).toEqual(white);
    expect(grid.at(left, 4 + 40)).toEqual([30, 20, 30]);
    expect(grid.at(left, 4 + 60)).toEqual([50, 20, 30]);
  });

  test('is as wide as its title', async () => {
    const title = 'epoch 1   iteration 100';
    const grid = await decode(await drawGrid({ ...plainImages(1), columns: 1, scale: 1, title }));
    expect(grid.width).toBe(textWidth(title) + 8);
  });

  test('refuses numbers that do not agree, as they are bugs', async () => {
    const batch = plainImages(4);
    await expect(drawGrid({ ...batch, count: 5, columns: 2 })).rejects.toThrow('5 images of 4×4×3 are 240');
    await expect(drawGrid({ ...batch, columns: 0 })).rejects.toThrow('empty');
    await expect(drawGrid({ ...batch, columns: 2, rowLabels: ['a', 'b', 'c'] })).rejects.toThrow(
      'equal shares',
    );
    await expect(drawGrid({ ...batch, columns: 2, cellLabels: ['a'] })).rejects.toThrow('1 labels for 4');
  });

  test('says so when it would be larger than memory should give', async () => {
    await expect(drawGrid({ ...plainImages(4), columns: 1, scale: 4000 })).rejects.toMatchObject({
      code: 'picture-too-large',
      hint: 'ask for fewer images, or a smaller scale',
    });
  });
});

describe('the pictures of training', () => {
  test('twelve samples are a 4×3 grid', async () => {
    const grid = await decode(await drawSampleGrid(plainImages(12, { size: 32 })));
    expect([grid.width, grid.height]).toEqual([4 * 98 - 2 + 8, 3 * 98 - 2 + 8]);
  });

  test('ten classes are a labelled row, twelve noise vectors two rows', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `class ${index}`);
    const row = await decode(await drawFrame(plainImages(10, { size: 32 }), names));
    expect([row.width, row.height]).toEqual([10 * 98 - 2 + 8, 17 + 96 + 8]);
    const rows = await decode(await drawFrame(plainImages(12, { size: 32 })));
    expect([rows.width, rows.height]).toEqual([6 * 98 - 2 + 8, 2 * 98 - 2 + 8]);
  });

  test('a name longer than its image is cut', async () => {
    const short = await drawFrame(plainImages(2, { size: 32 }), ['a', 'b']);
    const long = await drawFrame(plainImages(2, { size: 32 }), ['a'.repeat(90), 'b']);
    const [one, other] = [await decode(short), await decode(long)];
    expect([one.width, one.height]).toEqual([other.width, other.height]);
    // The second name's place is the same in both: the first one did not run into it.
    const half = 4 + 98;
    for (let y = 0; y < 21; y++)
      for (let x = half; x < one.width; x++) expect(other.at(x, y)).toEqual(one.at(x, y));
  });
});

describe('text', () => {
  /** The text as rows of `#` and `.`. */
  function rendered(text: string): string[] {
    const canvas = createCanvas(textWidth(text), 13);
    drawText(canvas, text, 0, 0);
    return Array.from({ length: canvas.height }, (_, y) =>
      Array.from({ length: canvas.width }, (_, x) =>
        canvas.data[(y * canvas.width + x) * 3] === 255 ? '.' : '#',
      ).join(''),
    );
  }

  test('is drawn from left to right, one glyph after the other', () => {
    expect(rendered('Hi').slice(2, 12)).toEqual([
      '#...#.......',
      '#...#...#...',
      '#...#.......',
      '#...#..##...',
      '#####...#...',
      '#...#...#...',
      '#...#...#...',
      '#...#...#...',
      '#...#..###..',
      '............',
    ]);
  });

  test('can be coloured, enlarged and run upwards', () => {
    const plain = rendered('Hi');
    const canvas = createCanvas(26, 24);
    drawText(canvas, 'Hi', 0, 24, { color: [200, 0, 0], scale: 2, turned: true });
    const isInk = (x: number, y: number) => canvas.data[(y * canvas.width + x) * 3] === 200;
    for (let x = 0; x < 26; x++)
      for (let y = 0; y < 24; y++) {
        const expected = plain[Math.floor(x / 2)]?.[Math.floor((23 - y) / 2)] === '#';
        expect([x, y, isInk(x, y)]).toEqual([x, y, expected]);
      }
  });

  test('knows accents, Greek and Cyrillic, and shows what it does not know', () => {
    const unknown = rendered('\u{1f408}');
    for (const letter of ['ä', 'é', 'ł', 'ω', 'ж', '–', '…']) expect(rendered(letter)).not.toEqual(unknown);
    expect(rendered('猫')).toEqual(unknown);
    expect(rendered('e\u0301')).toEqual(rendered('é'));
  });

  test('is shortened to the width there is', () => {
    expect(fitText('automobile', 60)).toBe('automobile');
    expect(fitText('automobile', 59)).toBe('automobi…');
    expect(fitText('a cat', 18)).toBe('a…');
  });
});

test('pixels become a PNG and come back as they were', async () => {
  for (const channels of [1, 3]) {
    const pixels = Uint8Array.from({ length: 5 * 3 * channels }, (_, index) => (index * 37) % 256);
    const png = await encodePng(pixels, 5, 3, channels);
    const stored = await sharp(png).metadata();
    expect([stored.width, stored.height, stored.channels]).toEqual([5, 3, channels]);
    const data = await sharp(png)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer();
    expect([...data]).toEqual([...pixels]);
  }
  await expect(encodePng(new Uint8Array(4), 2, 1, 2)).rejects.toThrow('2 channels');
});

test('of very many pictures people are shown as many of each class', () => {
  const names = [['a1', 'a2', 'a3'], ['b1'], ['c1', 'c2']];
  expect(firstOfEach(names, 7)).toEqual(['a1', 'a2', 'b1', 'c1', 'c2']);
  expect(firstOfEach(names, 2)).toEqual(['a1', 'b1', 'c1']);
});

describe('the part of a grid that fits into a picture', () => {
  const wanted = { count: 30, height: 10, width: 10, channels: 3, scale: 1, gap: 0, columns: 10 };
  const labels = ['cat', 'dog', 'ship'];

  test('is all of it where it fits', () => {
    expect(partThatFits({ ...wanted, rowLabels: labels })).toEqual({ shares: 3, each: 30 });
    expect(partThatFits(wanted)).toEqual({ shares: 1, each: 30 });
  });

  test('has fewer images of each label, then fewer labels', () => {
    const within = (images: number, pixels: number) =>
      partThatFits({ ...wanted, rowLabels: labels }, { images, pixels });
    expect(within(60, 1e6)).toEqual({ shares: 3, each: 20 });
    expect(within(2, 1e6)).toEqual({ shares: 2, each: 1 });
    // 140 pixels wide with the labels; a row is as high as a label.
    const rows = (count: number) => 140 * (count * lineHeight + 8);
    expect(within(1000, rows(6))).toEqual({ shares: 3, each: 20 });
    expect(within(1000, rows(3))).toEqual({ shares: 3, each: 10 });
    expect(within(1000, 50 * (2 * lineHeight + 8))).toEqual({ shares: 2, each: 1 });
  });

  test('is nothing where not one image fits, which is said', () => {
    expect(() => partThatFits({ ...wanted, scale: 2000 })).toThrow(
      /^a grid of 401 million pixels is too large/,
    );
  });

  test('is what a frame of training shows of many classes', () => {
    const classes = Array.from({ length: 256 }, (_, index) => `class ${index}`);
    const shape = { count: 256, height: 64, width: 64, channels: 3 };
    expect(imagesPerFrame(shape, classes)).toBe(256);
    expect(imagesPerFrame(shape, classes, { images: 1000, pixels: 400_000 })).toBe(20);
  });
});
