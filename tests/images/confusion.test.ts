import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Color } from '../../src/images/canvas.ts';
import { contrast, legibleOn, scaleColor } from '../../src/images/color-scale.ts';
import { layOutConfusion } from '../../src/images/confusion-layout.ts';
import { drawConfusion } from '../../src/images/confusion.ts';

const white: Color = [255, 255, 255];
const black: Color = [0, 0, 0];

describe('the scale of colors', () => {
  const shares = Array.from({ length: 256 }, (_, index) => index / 255);

  test('leads from white to a dark blue, ever darker', () => {
    expect(scaleColor(0)).toEqual(white);
    expect(scaleColor(-1)).toEqual(white);
    expect(scaleColor(2)).toEqual(scaleColor(1));
    const contrasts = shares.map(share => contrast(scaleColor(share), white));
    for (let index = 1; index < contrasts.length; index++)
      expect(contrasts[index]).toBeGreaterThanOrEqual(contrasts[index - 1] as number);
    expect(contrasts[255]).toBeGreaterThan(10);
  });

  test('is of one hue, blue', () => {
    for (const share of shares.slice(8)) {
      const [red, green, blue] = scaleColor(share);
      expect(blue > green && green > red).toBe(true);
    }
  });

  test('lets black or white be read everywhere', () => {
    for (const share of shares) {
      const color = scaleColor(share);
      expect(contrast(color, legibleOn(color, [black, white]))).toBeGreaterThan(4.5);
    }
    expect(contrast(black, white)).toBeCloseTo(21, 10);
  });
});

/** `count` classes of `each` examples, a tenth of which are taken for the next class. */
function confusion(count: number, each = 100) {
  const matrix = Array.from({ length: count }, (_, label) => {
    const row = new Array<number>(count).fill(0);
    row[label] = each * 0.9;
    const next = (label + 1) % count;
    row[next] = (row[next] as number) + each * 0.1;
    return row;
  });
  return { matrix, classes: Array.from({ length: count }, (_, index) => `class ${index}`) };
}

async function decoded(png: Buffer) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): readonly number[] => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x + 1) * 3),
  ];
  return { ...info, at };
}

describe('the picture of a confusion matrix', () => {
  test.each([1, 2, 10, 12, 13, 30, 31, 100, 129, 256])(
    'of %i classes is at most 2000 pixels a side',
    async count => {
      const { matrix } = confusion(count, 1_000_000);
      const classes = Array.from(
        { length: count },
        (_, index) => `${index} of very many classes with long names`,
      );
      const { width, height } = await decoded(await drawConfusion(matrix, classes));
      expect(Math.max(width, height)).toBeLessThanOrEqual(2000);
      expect(Math.min(width, height)).toBeGreaterThan(500);
    },
  );

  test('has a cell for each label and prediction, colored by its share of the row', async () => {
    const { matrix, classes } = confusion(10);
    const plan = {
      classes,
      heading: '900 of 1000 right (90.0%)',
      largest: 90,
      ticks: [{ text: '100%', place: 1 }],
    };
    const { matrix: area, cell, width } = layOutConfusion(plan);
    const picture = await decoded(await drawConfusion(matrix, classes));
    expect(picture.width).toBe(width);
    const corner = (label: number, predicted: number) =>
      picture.at(area.x + predicted * cell + 2, area.y + label * cell + 2);
    for (let label = 0; label < 10; label++) {
      expect(corner(label, label)).toEqual(scaleColor(Math.sqrt(0.9)));
      expect(corner(label, (label + 1) % 10)).toEqual(scaleColor(Math.sqrt(0.1)));
      expect(corner(label, (label + 2) % 10)).toEqual(white);
    }
  });

  test('shows a class without examples in grey', async () => {
    const { classes } = confusion(2);
    const { matrix: area, cell } = layOutConfusion({
      classes,
      heading: '',
      largest: 5,
      ticks: [{ text: '100%', place: 1 }],
    });
    const picture = await decoded(
      await drawConfusion(
        [
          [0, 0],
          [2, 3],
        ],
        classes,
      ),
    );
    expect(picture.at(area.x + 2, area.y + 2)).toEqual([225, 228, 232]);
    expect(picture.at(area.x + 2, area.y + cell + 2)).toEqual(scaleColor(Math.sqrt(0.4)));
  });

  test('is the same bytes each time', async () => {
    const { matrix, classes } = confusion(12);
    expect(await drawConfusion(matrix, classes)).toEqual(await drawConfusion(matrix, classes));
  });

  test('refuses a matrix of another size, as that is a bug', async () => {
    await expect(drawConfusion([[1, 2]], ['a', 'b'])).rejects.toThrow('1 rows for 2 classes');
  });
});

describe('its layout', () => {
  const layOut = (classes: readonly string[], largest = 10) =>
    layOutConfusion({ classes, heading: 'x', largest, ticks: [{ text: '100%', place: 1 }] });
  const texts = (classes: readonly string[]) => layOut(classes).texts.map(({ text }) => text);

  test('names rows and columns, titles included', () => {
    expect(texts(['cat', 'dog'])).toEqual(['x', 'true', 'predicted', 'cat', 'cat', 'dog', 'dog', '100%']);
  });

  test('runs names of columns upwards where they are wider than a cell', () => {
    const turned = (names: readonly string[]) => layOut(names).texts.filter(each => each.turned).length;
    // The title of the rows is one.
    expect(turned(['cat', 'dog'])).toBe(1);
    expect(turned(['cat', ...Array.from({ length: 11 }, () => 'automobile')])).toBe(13);
  });

  test('shortens long names, and names every few of very many classes', () => {
    expect(texts(['n'.repeat(30)])).toContain(`${'n'.repeat(19)}…`);
    const { classes } = confusion(256);
    expect(texts(classes).filter(text => text.startsWith('class'))).toHaveLength(2 * 86);
    expect(layOut(classes)).toMatchObject({ hasNumbers: false, hasLines: false });
    expect(layOut(confusion(100).classes)).toMatchObject({ hasNumbers: false, hasLines: true });
    expect(layOut(confusion(30).classes)).toMatchObject({ hasNumbers: true, hasLines: true });
  });

  test('makes cells as wide as the largest number', () => {
    expect(layOut(confusion(30).classes, 123_456).cell).toBe(6 * 6 + 8);
  });
});
