import { Type, type Static } from 'typebox';
import type { NetworkSpec } from '../core/artifacts.ts';
import { layerKinds } from './layers/index.ts';
import { LAYER, MAX_LAYERS } from './layers/layer-list.ts';

/** JSON Schema of a layer: `use` names its kind, the rest are that kind's parameters. Lists of layers in these refer to it. */
const LayerSchema = {
  definition: LAYER,
  type: 'object',
  discriminator: { propertyName: 'use' },
  required: ['use'],
  oneOf: [...layerKinds.values()].map(({ type, description, params }) => {
    const { properties, required } = params as {
      properties: Record<string, { default?: unknown }>;
      required?: string[];
    };
    return {
      type: 'object',
      description,
      properties: { use: { const: type, description }, ...properties },
      required: ['use', ...(required ?? []).filter(name => properties[name]?.default === undefined)],
      additionalProperties: false,
    };
  }),
};

const networkSchema = (description: string, options: { readonly yamlFile?: true } = {}) =>
  Type.Object(
    {
      layers: Type.Unsafe<NetworkSpec['layers']>({
        type: 'array',
        minItems: 1,
        maxItems: MAX_LAYERS,
        items: LayerSchema,
        description: 'The layers in order.',
      }),
    },
    { description, additionalProperties: false, ...options },
  );

/** The parameter of a stage that is a network: written out, or the path of a YAML file. */
export const networkParam = (description: string) => networkSchema(description, { yamlFile: true });

/** A GAN as written: in a YAML file of its own, or within the pipeline. */
export const GanSchema = Type.Object(
  {
    name: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'What to call it in summaries.' }),
    ),
    latent: Type.Integer({
      minimum: 1,
      maximum: 4096,
      default: 100,
      description: 'The dimension of the noise.',
    }),
    generator: networkSchema('From noise [latent] to an image [height, width, channels].'),
    discriminator: networkSchema('From an image to one number: how real it looks.'),
  },
  { additionalProperties: false },
);

export type GanSpec = Static<typeof GanSchema>;
