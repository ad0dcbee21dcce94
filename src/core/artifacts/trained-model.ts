import { Type, type Static } from 'typebox';
import { layersModelFaults } from './layers-model.ts';
import { defineArtifact, type ArtifactFiles, type ArtifactOfDefinition } from './definition.ts';
import { ofModel, Path, Transform, transformFaults, whole } from './parts.ts';

/**
 * Trained networks as TensorFlow.js layers models: `<dir>/<generator>/model.json` opens with `tf.loadLayersModel`.
 * A conditional generator takes `[z [B, latentDim], oneHot [B, classes]]`, an unconditional one `z [B, latentDim]`;
 * it returns `[B, height, width, channels] float32` in the data set's transformed range.
 */
export type TrainedModelArtifact = ArtifactOfDefinition<typeof trainedModel>;

const TrainedOn = Type.Object(
  {
    /** The first 8 bytes of the SHA-256 of each picture's uint8 bytes, ascending, without duplicates or a header. */
    file: Path,
    /** Number of digests. */
    count: whole(1),
  },
  { expected: 'an object { file, count }' },
);

export const trainedModel = defineArtifact('trained-model', {
  description: 'Trained networks as TensorFlow.js layers models.',
  schema: Type.Object({
    ...ofModel,
    /** Folder names within `dir`. */
    generator: Path,
    discriminator: Path,
    /** Folder of the generator with its last weights, where `generator` has their moving average. */
    lastGenerator: Type.Optional(Path),
    /** Folder of the generator that scored best in training, and its iteration. */
    bestGenerator: Type.Optional(Path),
    bestIteration: Type.Optional(whole(1)),
    /** Folder of the generator as a SavedModel, within `dir`. */
    savedModel: Type.Optional(Path),
    /** Inverted to draw images. */
    transform: Transform,
    iterations: whole(0),
    /** The pictures that it was trained on; absent where its training did not record them. */
    trainedOn: Type.Optional(TrainedOn),
  }),
  files: [
    'generator/model.json',
    'discriminator/model.json',
    'lastGenerator/model.json',
    'bestGenerator/model.json',
    'savedModel/saved_model.pb',
    'trainedOn.file',
  ],
  check({ transform, imageShape, generator, discriminator, lastGenerator, bestGenerator, trainedOn }, files) {
    const faults = [...transformFaults(transform, imageShape[2]), ...digestFaults(trainedOn, files)];
    if (faults.length > 0) return faults;
    return [generator, discriminator, lastGenerator ?? [], bestGenerator ?? []]
      .flat()
      .flatMap(folder => layersModelFaults(folder, files));
  },
});

function digestFaults(
  trainedOn: Static<typeof TrainedOn> | undefined,
  files: ArtifactFiles,
): readonly string[] {
  if (trainedOn === undefined) return [];
  const { file, count } = trainedOn;
  const [found, expected] = [files.size(file), 8 * count];
  return found === expected
    ? []
    : [`trainedOn.file is ${file} of ${found} bytes; expected ${expected}, which is ${count} × 8`];
}
