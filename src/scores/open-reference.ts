import { join } from 'node:path';
import type { DatasetArtifact, ScoreReferenceArtifact } from '../core/artifacts.ts';
import { readNumbers } from './reference-files.ts';
import type { NamedFeatures } from './score.ts';

/** Training pictures among which copies are searched. */
export interface OpenTraining {
  readonly features: NamedFeatures;
  /** Their indices in the data set. */
  readonly indices: Uint32Array;
  /** From each to the nearest other one. */
  readonly distances: Float64Array;
}

/** A score reference in memory. */
export interface OpenReference {
  readonly features: NamedFeatures;
  /** `[count, classes]` */
  readonly probabilities: Float32Array;
  /** Indices of the held-out data set's classes. */
  readonly labels: Uint8Array;
  /** Of the held-out data set. */
  readonly classes: readonly string[];
  /** Of the probabilities. */
  readonly embeddingClasses: readonly string[];
  readonly settings: ScoreReferenceArtifact['settings'];
  readonly training: OpenTraining | undefined;
}

export const HELD_OUT = 'held-out pictures';
export const TRAINING = 'training pictures';

/** The held-out pictures as a data set of the artifact's folder. */
export const heldOut = ({ dir, reference }: ScoreReferenceArtifact): DatasetArtifact => ({
  kind: 'dataset',
  dir,
  ...reference,
});

/** The training pictures likewise. */
export const trainingPictures = ({ dir, training }: ScoreReferenceArtifact): DatasetArtifact | undefined =>
  training && { kind: 'dataset', dir, ...training.dataset };

/** Reads the numbers of a score reference. @throws Failure when a file is missing, unreadable or of another length */
export async function openReference(artifact: ScoreReferenceArtifact): Promise<OpenReference> {
  const { dir, embedding, compared, training } = artifact;
  const { width } = embedding;
  const at = (file: string) => join(dir, file);
  return {
    features: {
      name: HELD_OUT,
      count: compared,
      width,
      values: await readNumbers(Float32Array, at(artifact.features), compared * width),
    },
    probabilities: await readNumbers(
      Float32Array,
      at(artifact.probabilities),
      compared * embedding.probabilities,
    ),
    labels: await readNumbers(Uint8Array, at(artifact.labels), compared),
    classes: artifact.reference.classes,
    embeddingClasses: embedding.classes,
    settings: artifact.settings,
    training: training && {
      features: {
        name: TRAINING,
        count: training.searched,
        width,
        values: await readNumbers(Float32Array, at(training.features), training.searched * width),
      },
      indices: await readNumbers(Uint32Array, at(training.indices), training.searched),
      distances: await readNumbers(Float64Array, at(training.distances), training.searched),
    },
  };
}
