import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { drawWrongest } from '../../src/images/wrongest.ts';

const mistakes = (count: number, label = 'cat', predicted = 'dog') =>
  Array.from({ length: count }, () => ({ label, predicted, probability: 0.98 }));

/** Images of one grey each, `100 + index`. */
function images(count: number, size: number, channels = 1) {
  const bytes = size * size * channels;
  const data = Uint8Array.from({ length: count * bytes }, (_, at) => 100 + Math.floor(at / bytes));
  return { images: data, count, height: size, width: size, channels };
}

async function decoded(png: Promise<Buffer>) {
  const { data, info } = await sharp(await png)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => data[(y * info.width + x) * 3];
  return { ...info, data, at };
}

describe('the picture of the wrongest examples', () => {
  test('has them in rows of five, enlarged to about 160 pixels, with room for a caption below each', async () => {
    const picture = await decoded(drawWrongest(images(7, 32), mistakes(7)));
    expect([picture.width, picture.height]).toEqual([5 * 172 + 12, 2 * 189 + 12]);
    expect(picture.at(12, 12)).toBe(100);
    expect(picture.at(12 + 4 * 172 + 159, 12 + 159)).toBe(104);
    expect(picture.at(12 + 172, 12 + 189)).toBe(106);
    expect(picture.at(12 + 2 * 172, 12 + 189)).toBe(255);
  });

  test('shows images of one channel in grey and of three in color', async () => {
    const grey = await decoded(drawWrongest(images(1, 8, 1), mistakes(1)));
    const color = await decoded(drawWrongest(images(1, 8, 3), mistakes(1)));
    expect(grey.data).toEqual(color.data);
  });

  test('has no caption wider than its image, whatever the names are', async () => {
    const long = 'a name that is far longer than an image is wide';
    for (const [label, predicted] of [
      [long, 'dog'],
      ['cat', long],
      [long, long],
    ] as const) {
      const picture = await decoded(drawWrongest(images(2, 32), mistakes(2, label, predicted)));
      for (let y = 172; y < picture.height; y++)
        for (let x = 172; x < 184; x++) expect(picture.at(x, y)).toBe(255);
    }
  });

  test('is at most 2000 pixels a side, with fewer of large images', async () => {
    const { width, height } = await decoded(drawWrongest(images(9, 600), mistakes(9)));
    expect([width, height]).toEqual([3 * 612 + 12, 3 * 629 + 12]);
    const fewer = await decoded(drawWrongest(images(9, 700), mistakes(9)));
    expect([fewer.width, fewer.height]).toEqual([2 * 712 + 12, 2 * 729 + 12]);
  });

  test('refuses numbers that do not agree, as they are bugs', async () => {
    await expect(drawWrongest(images(2, 4), mistakes(1))).rejects.toThrow('2 images for 1 mistakes');
    await expect(drawWrongest(images(0, 4), [])).rejects.toThrow('0 images for 0 mistakes');
  });
});
