import { Type } from 'typebox';
import type { DatasetOutline } from '../core/outline.ts';
import type { ParamProblem } from '../core/stage.ts';
import { AUGMENTATIONS, isCutOut, isMoved, type Augmentation } from './augment.ts';

/** The parameter `augment` of a stage that trains. */
export const augmentParam = (description: string) =>
  Type.Unsafe<readonly Augmentation[]>(
    Type.Array(Type.Union(AUGMENTATIONS.map(name => Type.Literal(name))), {
      uniqueItems: true,
      default: [],
      description,
    }),
  );

type Examples = Pick<DatasetOutline, 'shape' | 'height' | 'width'>;

/** Problems of augmentations with examples, as far as their shape is known. */
export function augmentationProblems(
  augment: readonly Augmentation[],
  { shape, ...image }: Examples,
): readonly ParamProblem[] {
  if (augment.length === 0) return [];
  const numbers = `numbers of shape [${(shape ?? []).map(size => size ?? '?').join(', ')}]`;
  if (shape !== undefined && shape.length !== 3)
    return [
      {
        path: ['augment'],
        code: 'augment-no-images',
        message: `augmentations change images, and the examples are ${numbers}`,
        hint: 'leave out augment',
      },
    ];
  const size = shape === undefined ? image : { height: shape[0], width: shape[1] };
  return augment.flatMap((kind, index) => {
    const path = ['augment', index];
    if (kind === 'color' && shape !== undefined)
      return [
        {
          path,
          code: 'augment-no-images',
          message: `color changes the brightness of images, and the examples are ${numbers}`,
          hint: 'leave color out of augment',
        },
      ];
    const message = tooSmallFor(kind, size);
    const hint = `leave ${kind} out of augment, or take larger images`;
    return message === undefined ? [] : [{ path, code: 'augment-tiny-images', message, hint }];
  });
}

function tooSmallFor(kind: Augmentation, { height, width }: Omit<Examples, 'shape'>): string | undefined {
  if (kind === 'flip' && width === 1) return 'flip mirrors left and right, and the images are 1 pixel wide';
  if (height === undefined || width === undefined) return undefined;
  const [size, sides] = [`${width}×${height}`, [height, width]];
  if (kind === 'translation' && !sides.some(isMoved))
    return `translation moves images by up to an eighth of their size, which is no pixel of ${size}`;
  if (kind === 'cutout' && sides.every(isCutOut))
    return `cutout sets half of each side to zero, which is all of an image of ${size}`;
  return undefined;
}
