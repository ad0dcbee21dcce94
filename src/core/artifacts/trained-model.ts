import { Type } from 'typebox';
import { layersModelFaults } from './layers-model.ts';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { ofModel, Path, Transform, transformFaults, whole } from './parts.ts';

/**
 * Trained networks as TensorFlow.js layers models: `<dir>/<generator>/model.json` opens with `tf.loadLayersModel`.
 * A conditional generator takes `[z [B, latentDim], oneHot [B, classes]]`, an unconditional one `z [B, latentDim]`;
 * it returns `[B, height, width, channels] float32` in the data set's transformed range.
 */
export type TrainedModelArtifact = ArtifactOfDefinition<typeof trainedModel>;

export const trainedModel = defineArtifact('trained-model', {
  description: 'Trained networks as TensorFlow.js layers models.',
  schema: Type.Object({
    ...ofModel,
    /** Folder names within `dir`. */
    generator: Path,
    discriminator: Path,
    /** Folder of the generator with its last weights, where `generator` has their moving average. */
    lastGenerator: Type.Optional(Path),
    /** Folder of the generator as a SavedModel, within `dir`. */
    savedModel: Type.Optional(Path),
    /** Inverted to draw images. */
    transform: Transform,
    iterations: whole(0),
  }),
  files: [
    'generator/model.json',
    'discriminator/model.json',
    'lastGenerator/model.json',
    'savedModel/saved_model.pb',
  ],
  check({ transform, imageShape, generator, discriminator, lastGenerator }, files) {
    const faults = transformFaults(transform, imageShape[2]);
    if (faults.length > 0) return faults;
    return [generator, discriminator, ...(lastGenerator === undefined ? [] : [lastGenerator])].flatMap(
      folder => layersModelFaults(folder, files),
    );
  },
});
