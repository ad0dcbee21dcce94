import { Type } from 'typebox';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { ofModel, Text } from './parts.ts';

/** One layer of a network as written in YAML: `use` is the layer type, the rest its parameters. */
export interface LayerSpec {
  readonly use: string;
  readonly [parameter: string]: unknown;
}

/** A network: its layers in order. */
export interface NetworkSpec {
  readonly layers: readonly LayerSpec[];
}

const Layer = Type.Object({ use: Text }, { expected: 'a layer { use, … }' });

const Network = Type.Unsafe<NetworkSpec>(
  Type.Object(
    { layers: Type.Array(Layer, { minItems: 1, expected: 'a list of layers' }) },
    { expected: 'an object { layers }' },
  ),
);

/** Untrained networks, checked against a data set's shape and classes. No weights: they follow from the seed. */
export type ModelArtifact = ArtifactOfDefinition<typeof model>;

export const model = defineArtifact('model', {
  description: 'Untrained networks; their weights follow from the seed.',
  schema: Type.Object({
    ...ofModel,
    generator: Network,
    discriminator: Network,
    /** Seed of the initial weights. */
    seed: Type.Integer({ expected: 'a whole number' }),
  }),
});
