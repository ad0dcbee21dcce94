import { Type } from 'typebox';
import { dataset } from './dataset.ts';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { ClassesOrNone, Path, Text, whole } from './parts.ts';
import { predictor } from './predictor.ts';

/**
 * What generated pictures are compared with: held-out pictures, their features by an embedding, and the scores of real pictures,
 * of class means and of noise.
 */
export type ScoreReferenceArtifact = ArtifactOfDefinition<typeof scoreReference>;

export const scoreReference = defineArtifact('score-reference', {
  description: 'Held-out pictures with their features, and what real pictures and noise score against them.',
  schema: Type.Object({
    embedding: Type.Object(
      {
        /** Name and content: scores by other embeddings are other scores. */
        id: Text,
        name: Text,
        /** Numbers of a picture. */
        width: whole(1),
        /** Probabilities of a picture. */
        probabilities: whole(1),
        /** Names of the probabilities; none where they have none here. */
        classes: ClassesOrNone,
        /** The network, where it is one of `fit`; its paths start in this artifact's folder. */
        predictor: Type.Optional(predictor.schema),
        /** A graph file, where it is the Inception network of 2015. */
        graph: Type.Optional(Path),
      },
      { expected: 'an object that describes an embedding' },
    ),
    /** The held-out pictures. */
    reference: dataset.schema,
    /** How many of them are compared, and their features `[compared, width] float32` and probabilities. */
    compared: whole(2),
    features: Path,
    probabilities: Path,
    /** Labels of the compared ones, `[compared] uint8`. */
    labels: Path,
    /** Pictures that generators are trained on, for copies among what they draw. */
    training: Type.Optional(
      Type.Object(
        {
          dataset: dataset.schema,
          /** The indices of those that are searched, `[searched] uint32`. */
          indices: Path,
          searched: whole(2),
          /** `[searched, width] float32` */
          features: Path,
          /** From each to the nearest other one, `[searched] float64`. */
          distances: Path,
        },
        { expected: 'an object that describes training pictures' },
      ),
    ),
    settings: Type.Object(
      {
        /** Generated pictures that are compared. */
        count: whole(2),
        /** Neighbours of precision, recall, density and coverage. */
        neighbours: whole(1),
        /** Of the kernel distance. */
        subsets: whole(1),
        subsetSize: whole(2),
        seed: Type.Integer({ expected: 'a whole number' }),
      },
      { expected: 'an object of numbers' },
    ),
    /** JSON: scores of real pictures, class means and noise. */
    baselines: Path,
  }),
  files: [
    'embedding.graph',
    'reference.images',
    'reference.labels',
    'features',
    'probabilities',
    'labels',
    'training.dataset.images',
    'training.dataset.labels',
    'training.indices',
    'training.features',
    'training.distances',
    'baselines',
  ],
});
