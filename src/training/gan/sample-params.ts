import { Type, type Static } from 'typebox';
import { weightsParam } from './chosen-weights.ts';

const interpolated = [Type.Literal('noise'), Type.Literal('classes')] as const;

/** Of more images, no row is looked at. */
export const LONGEST_ROW = 200;

const largestSeed = 2 ** 32 - 1;

/** Parameters of the stage `sample`. */
export const sampleParams = Type.Object(
  {
    count: Type.Integer({
      default: 10,
      minimum: 1,
      maximum: 100_000,
      description:
        'How many images: of each class from a conditional model, in all from another. With `interpolate`, the images of a row, both ends included.',
    }),
    from: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Sample from the model of an earlier experiment instead: `exp-3`, `latest`, `latest:cgan`, or a tag.',
      }),
    ),
    weights: weightsParam,
    classes: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        uniqueItems: true,
        description: 'Only these classes, in this order. For conditional models; all classes by default.',
      }),
    ),
    noise: Type.Optional(
      Type.Union([Type.Literal('shared'), Type.Literal('own')], {
        description:
          'shared: the same noise down a column, so that it shows what the label does; own: other noise for each class. A conditional model has shared noise by default.',
      }),
    ),
    interpolate: Type.Optional(
      Type.Union(
        [
          ...interpolated,
          Type.Object(
            {
              between: Type.Union([...interpolated], { description: 'What changes along a row.' }),
              rows: Type.Optional(
                Type.Integer({
                  minimum: 1,
                  maximum: 100,
                  description:
                    'Rows of each class, or of each pair of classes, all of other noise; 1 by default.',
                }),
              ),
            },
            { additionalProperties: false },
          ),
        ],
        {
          description:
            'Rows of images that lead from one noise to another, for each class, or from each class to the next with the same noise: noise or classes.',
        },
      ),
    ),
    truncation: Type.Optional(
      Type.Number({
        minimum: 0.04,
        maximum: 5,
        description:
          'Draws numbers of the noise anew that lie beyond ± truncation: the smaller it is, the more typical and the more alike are the images.',
      }),
    ),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: largestSeed,
        description:
          'The noise follows from it instead of the pipeline’s seed: the same noise for models of other experiments.',
      }),
    ),
    singles: Type.Boolean({
      default: true,
      description: 'Write each image as a PNG of its own too, at its own size.',
    }),
    columns: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: LONGEST_ROW,
        description:
          'Images in a row of the grid; by default at most 10, in even rows. Each class begins on a row of its own.',
      }),
    ),
    scale: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 32,
        description:
          'Enlargement in the grid: a pixel becomes a square of so many pixels. By default images are shown about 96 pixels wide.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type SampleParams = Static<typeof sampleParams>;

/** Rows of images that lead from one noise, or one class, to another. */
export interface Interpolation {
  readonly between: 'noise' | 'classes';
  /** Of each class, or pair of classes. */
  readonly rows: number;
  /** Images of a row, at least 2: the first and the last are its ends. */
  readonly steps: number;
}

export function interpolationOf({
  interpolate,
  count,
}: Pick<SampleParams, 'interpolate' | 'count'>): Interpolation | undefined {
  if (interpolate === undefined) return undefined;
  const { between, rows = 1 } = typeof interpolate === 'string' ? { between: interpolate } : interpolate;
  return { between, rows, steps: count };
}
