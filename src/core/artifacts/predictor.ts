import { Type } from 'typebox';
import { layersModelFaults } from './layers-model.ts';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { ClassesOrNone, Path, Text, Transform, transformFaults, whole } from './parts.ts';

/**
 * A trained network that predicts, as a TensorFlow.js layers model: `<dir>/<network>/model.json` opens with `tf.loadLayersModel`.
 * It takes `[B, …shape] float32` in the range of `transform`, and returns the probabilities of the classes,
 * `[B, classes] float32`, or for regression numbers, `[B, targets] float32`.
 */
export type PredictorArtifact = ArtifactOfDefinition<typeof predictor>;

export const predictor = defineArtifact('predictor', {
  description: 'A trained network that predicts classes or numbers.',
  schema: Type.Object({
    /** Name of the network: `resnet`, or the user's own. */
    model: Text,
    /** Folder within `dir`: the best weights, where they were validated. */
    network: Path,
    /** Folder of the network with its last weights, where `network` has the best ones. */
    lastNetwork: Type.Optional(Path),
    /** Folder of the network as a SavedModel. */
    savedModel: Type.Optional(Path),
    /** Shape of one example: height, width and channels of a picture. */
    shape: Type.Array(whole(1), { minItems: 1, expected: 'a list of sizes' }),
    /** True where examples are pictures, whose bytes `transform` makes numbers of. */
    images: Type.Boolean({ expected: 'true or false' }),
    /** Of the outputs, in their order; none for regression. */
    classes: ClassesOrNone,
    /** Names of the numbers predicted, for regression. */
    targets: Type.Optional(Type.Array(Text, { minItems: 1, expected: 'a list of names' })),
    /** Names of the numbers of the last axis of an example. */
    features: Type.Optional(Type.Array(Text, { expected: 'a list of names' })),
    /** Of the data set that it was trained on: numbers of the last axis are multiplied and moved before they go in. */
    transform: Transform,
    /** The iteration whose weights `network` has. */
    iteration: whole(0),
  }),
  files: ['network/model.json', 'lastNetwork/model.json', 'savedModel/saved_model.pb'],
  check({ transform, shape, classes, targets, network, lastNetwork }, files) {
    const faults = [...transformFaults(transform, shape[shape.length - 1] as number)];
    if ((classes.length === 0) === (targets === undefined))
      faults.push('classes and targets are both there or both missing; expected one of them');
    if (faults.length > 0) return faults;
    return [network, ...(lastNetwork === undefined ? [] : [lastNetwork])].flatMap(folder =>
      layersModelFaults(folder, files),
    );
  },
});
