/** Known properties of images, of a data set or drawn by a model; absent where unknown. */
interface ImagesOutline {
  readonly height?: number | undefined;
  readonly width?: number | undefined;
  readonly channels?: number | undefined;
  readonly classes?: readonly string[] | undefined;
}

/** Properties of a data set that are known before anything runs. */
export interface DatasetOutline extends ImagesOutline {
  readonly count?: number | undefined;
  /** Where the examples are known to be no pictures: the shape of one, as far as it is known. */
  readonly shape?: readonly (number | undefined)[] | undefined;
  /** Names of the numbers to predict, where there are some instead of classes. */
  readonly targetNames?: readonly string[] | undefined;
  /** The smallest and the largest number that a pixel can become. */
  readonly range?: readonly [number, number] | undefined;
}

/** The same of a model, trained or not. */
export interface ModelOutline extends ImagesOutline {
  readonly conditional?: boolean | undefined;
  /** The smallest and the largest number that the generator can draw, and the activation that bounds them. */
  readonly drawn?: { readonly range: readonly [number, number]; readonly activation: string } | undefined;
  readonly discriminator?: DiscriminatorOutline | undefined;
}

/** Properties of a discriminator that decide how it can be trained. */
export interface DiscriminatorOutline {
  readonly hasBatchNormalization: boolean;
  /** Names of its outputs beside the judgement, such as `class`. */
  readonly heads: readonly string[];
}

/** Properties of a trained network that predicts. */
export interface PredictorOutline {
  /** Shape of one example. */
  readonly shape?: readonly (number | undefined)[] | undefined;
  /** Whether the examples are pictures. */
  readonly images?: boolean | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly targetNames?: readonly string[] | undefined;
}

/** Properties of held-out pictures that are prepared for scores. */
export interface ScoreReferenceOutline extends ImagesOutline {
  /** Classes that the embedding knows. */
  readonly embeddingClasses?: readonly string[] | undefined;
  /** Neighbours that precision, recall, density and coverage go by. */
  readonly neighbours?: number | undefined;
  /** Whether there are training pictures, among which copies are searched. */
  readonly hasTraining?: boolean | undefined;
}

/** Properties of an artifact, by its kind, that can be known before anything runs. */
export type OutlineOf<K> = K extends 'dataset'
  ? DatasetOutline
  : K extends 'model' | 'trained-model'
    ? ModelOutline
    : K extends 'predictor'
      ? PredictorOutline
      : K extends 'score-reference'
        ? ScoreReferenceOutline
        : object;
