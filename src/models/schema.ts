import { Type, type Static } from 'typebox';
import type { Schema } from '../core/json-schema.ts';
import { blocksSchema, layerItems, writtenLayers } from './blocks/schema.ts';
import { layerKinds } from './layers/index.ts';

/** JSON Schema of a layer: `use` names its kind, the rest are that kind's parameters. Lists of layers in these refer to it. */
const LayerSchema: Schema = {
  type: 'object',
  discriminator: { propertyName: 'use' },
  required: ['use'],
  oneOf: [...layerKinds.values()].map(({ type, description, params }) => {
    const { properties = {}, required } = params as Schema;
    return {
      type: 'object',
      description,
      properties: { use: { const: type, description }, ...properties },
      required: ['use', ...(required ?? []).filter(name => properties[name]?.default === undefined)],
      additionalProperties: false,
    };
  }),
};

const networkSchema = (description: string) =>
  Type.Object(
    { layers: writtenLayers(layerItems(LayerSchema)) },
    { description, additionalProperties: false },
  );

/** The parameter of a stage that is a network: written out, or the path of a YAML file. */
export const networkParam = (description: string) =>
  Type.Object(
    { blocks: blocksSchema(LayerSchema), layers: writtenLayers(layerItems(LayerSchema)) },
    { description, additionalProperties: false, yamlFile: true },
  );

const name = Type.Optional(
  Type.String({ minLength: 1, maxLength: 64, description: 'What to call it in summaries.' }),
);

/** A network that predicts, as written: in a YAML file of its own, or within the pipeline. */
export const PredictorSchema = Type.Object(
  { name, blocks: blocksSchema(LayerSchema), layers: writtenLayers(layerItems(LayerSchema)) },
  { additionalProperties: false },
);

export type PredictorSpec = Static<typeof PredictorSchema>;

/** A GAN as written: in a YAML file of its own, or within the pipeline. */
export const GanSchema = Type.Object(
  {
    name,
    latent: Type.Integer({
      minimum: 1,
      maximum: 4096,
      default: 100,
      description: 'The dimension of the noise.',
    }),
    blocks: blocksSchema(LayerSchema),
    generator: networkSchema('From noise [latent] to an image [height, width, channels].'),
    discriminator: networkSchema('From an image to one number: how real it looks.'),
  },
  { additionalProperties: false },
);

export type GanSpec = Static<typeof GanSchema>;
