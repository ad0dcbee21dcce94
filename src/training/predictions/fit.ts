import type { DatasetOutline, PredictorOutline } from '../../core/outline.ts';
import type { DatasetArtifact, PredictorArtifact } from '../../core/artifacts.ts';
import type { Problem } from '../../core/failure.ts';

/** What predictor and data set are known to be. */
interface Known {
  readonly predictor: PredictorOutline & { readonly features?: readonly string[] | undefined };
  readonly dataset: DatasetOutline & { readonly features?: readonly string[] | undefined };
}

export const known = (predictor: PredictorArtifact, dataset: DatasetArtifact): Known => ({
  predictor,
  dataset,
});

type Sizes = readonly (number | undefined)[];

const shapeWords = (sizes: Sizes): string => sizes.map(size => size ?? '?').join('×');

/** Why a predictor cannot predict for a data set, as far as both are known. */
export function misfits({ predictor, dataset }: Known): readonly Problem[] {
  const { shape: wanted, images } = predictor;
  const { height, width, channels, shape } = dataset;
  const isPictures = shape === undefined;
  // What an outline does not tell may be pictures or not.
  const isKnown =
    shape !== undefined || height !== undefined || width !== undefined || channels !== undefined;
  if (images !== undefined && isKnown && images !== isPictures)
    return [
      misfit(
        `the predictor takes ${images ? 'images' : 'numbers'}, and the data set has ${isPictures ? 'images' : 'numbers'}`,
      ),
    ];
  const sizes: Sizes = shape ?? [height, width, channels];
  if (wanted !== undefined && isKnown && differ(wanted, sizes))
    return [
      {
        ...misfit(
          `the predictor takes examples of ${shapeWords(wanted)}, and those of the data set are ${shapeWords(sizes)}`,
        ),
        hint: 'load the data with the sizes of the data that the predictor was trained on',
      },
    ];
  return columnMisfits(predictor.features, dataset.features);
}

const misfit = (message: string): Problem => ({ code: 'predictor-mismatch', message });

const differ = (one: Sizes, other: Sizes): boolean =>
  one.length !== other.length ||
  one.some((size, axis) => size !== undefined && other[axis] !== undefined && size !== other[axis]);

function columnMisfits(
  wanted: readonly string[] | undefined,
  found: readonly string[] | undefined,
): readonly Problem[] {
  if (wanted === undefined || found === undefined) return [];
  const at = wanted.findIndex((name, index) => found[index] !== name);
  if (at === -1) return [];
  return [
    {
      ...misfit(
        `column ${at + 1} of the data set is "${found[at]}", and the predictor takes "${wanted[at]}" there`,
      ),
      hint: `give the columns in the order ${wanted.join(', ')}`,
    },
  ];
}

/** Classes of a data set that the predictor does not know. */
export const unknownLabels = ({ predictor, dataset }: Known): readonly string[] =>
  predictor.classes === undefined || predictor.targetNames !== undefined || predictor.classes.length === 0
    ? []
    : (dataset.classes ?? []).filter(name => predictor.classes?.includes(name) !== true);
