import { describe, expect, test } from 'vitest';
import { AUGMENTATIONS, type Augmentation } from '../../src/training/augment.ts';
import { augmentationProblems } from '../../src/training/augment-param.ts';

type Outline = Parameters<typeof augmentationProblems>[1];

/** Where and what, by line. */
const told = (augment: readonly Augmentation[], outline: Outline) =>
  augmentationProblems(augment, outline).map(({ path, message, hint }) => [path.join('.'), message, hint]);

describe('augmentations', () => {
  test('go with images of any usual size, also with those of which no size is known', () => {
    expect(told(AUGMENTATIONS, { height: 4, width: 4 })).toEqual([]);
    expect(told(AUGMENTATIONS, { height: 1, width: 4 })).toEqual([]);
    expect(told(AUGMENTATIONS, {})).toEqual([]);
    expect(told(AUGMENTATIONS, { width: 3 })).toEqual([]);
    expect(told([], { shape: [30] })).toEqual([]);
  });

  test('that change nothing of images so small are refused', () => {
    expect(told(['cutout', 'translation', 'flip'], { height: 3, width: 1 })).toEqual([
      [
        'augment.1',
        'translation moves images by up to an eighth of their size, which is no pixel of 1×3',
        'leave translation out of augment, or take larger images',
      ],
      [
        'augment.2',
        'flip mirrors left and right, and the images are 1 pixel wide',
        'leave flip out of augment, or take larger images',
      ],
    ]);
  });

  test('that leave nothing of an image are refused', () => {
    expect(told(['cutout'], { height: 1, width: 1 })).toEqual([
      [
        'augment.0',
        'cutout sets half of each side to zero, which is all of an image of 1×1',
        'leave cutout out of augment, or take larger images',
      ],
    ]);
  });

  test('need images, or numbers in rows and columns', () => {
    expect(told(['cutout', 'color'], { shape: [30], height: 1, width: 1 })).toEqual([
      [
        'augment',
        'augmentations change images, and the examples are numbers of shape [30]',
        'leave out augment',
      ],
    ]);
    expect(told(['flip'], { shape: [undefined] })).toEqual([
      [
        'augment',
        'augmentations change images, and the examples are numbers of shape [?]',
        'leave out augment',
      ],
    ]);
    expect(told(AUGMENTATIONS, { shape: [28, 28, 1], height: 784, width: 1 })).toEqual([
      [
        'augment.3',
        'color changes the brightness of images, and the examples are numbers of shape [28, 28, 1]',
        'leave color out of augment',
      ],
    ]);
  });
});
