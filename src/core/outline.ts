/** Of images, which a data set has and a model draws; what is left out is not known. */
interface ImagesOutline {
  readonly height?: number | undefined;
  readonly width?: number | undefined;
  readonly channels?: number | undefined;
  readonly classes?: readonly string[] | undefined;
}

/** What is known of a data set before anything runs. */
export interface DatasetOutline extends ImagesOutline {
  readonly count?: number | undefined;
  /** The smallest and the largest number that a pixel can become. */
  readonly range?: readonly [number, number] | undefined;
}

/** The same of a model, trained or not. */
export interface ModelOutline extends ImagesOutline {
  readonly conditional?: boolean | undefined;
  /** The smallest and the largest number that the generator can draw, and the activation that bounds them. */
  readonly drawn?: { readonly range: readonly [number, number]; readonly activation: string } | undefined;
}

/** What can be known of an artifact of some kind before anything runs. */
export type OutlineOf<K> = K extends 'dataset'
  ? DatasetOutline
  : K extends 'model' | 'trained-model'
    ? ModelOutline
    : object;
