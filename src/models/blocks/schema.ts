import { Type } from 'typebox';
import { describeSchema } from '../../core/describe-schema.ts';
import { isList, type Schema } from '../../core/json-schema.ts';
import { LAYER, MAX_LAYERS } from '../layers/layer-list.ts';
import { mapValues } from '../map-values.ts';
import type { Block, Blocks, WrittenLayer } from './written.ts';

/** Name of the schema of a layer inside a block. */
const BLOCK_LAYER = 'block-layer';

const VALUE: Schema = {
  anyOf: [
    { type: 'number' },
    { type: 'boolean' },
    { type: 'string' },
    { type: 'array', items: { type: ['number', 'string'] } },
    { type: 'object', additionalProperties: { type: ['number', 'string', 'boolean'] } },
  ],
  expected: 'a number, a text, true or false, a list or a mapping of these',
};

/** A block in the place of a layer: the values of its parameters are checked in their places. */
const BlockUseSchema: Schema = {
  type: 'object',
  description: 'The layers of a block of `blocks`; other keys are its parameters.',
  properties: { block: { type: 'string', description: 'The name of the block.' } },
  required: ['block'],
  additionalProperties: VALUE,
};

const LAYER_OR_BLOCK = 'a layer { use: …, … } or a block { block: …, … }';

/** Schema of the items of a list of layers: layers of these kinds, or uses of blocks. */
export const layerItems = (layer: Schema, definition: string = LAYER): Schema => ({
  definition,
  anyOf: [{ ...layer, expected: LAYER_OR_BLOCK }, BlockUseSchema],
  expected: LAYER_OR_BLOCK,
});

/** List of layers of a network or a block. */
export const writtenLayers = (items: Schema) =>
  Type.Unsafe<readonly WrittenLayer[]>({
    type: 'array',
    minItems: 1,
    maxItems: MAX_LAYERS,
    items,
    description: 'The layers in order.',
  });

/** The parameter `blocks` of a file with networks. @param layer The schema of a layer. */
export const blocksSchema = (layer: Schema) =>
  Type.Optional(
    Type.Unsafe<Blocks>({
      type: 'object',
      additionalProperties: blockSchema(layer),
      description:
        'Named lists of layers, each of which stands for its layers wherever it is used: `{ block: up }`.',
    }),
  );

const blockSchema = (layer: Schema) =>
  Type.Object(
    {
      params: Type.Optional(
        Type.Unsafe<Block['params']>({
          type: 'object',
          additionalProperties: { ...VALUE, anyOf: [...(VALUE.anyOf ?? []), { type: 'null' }] },
          description: 'Its parameters and their defaults; `null` for one without.',
        }),
      ),
      layers: writtenLayers(layerItems(inside(layer), BLOCK_LAYER)),
    },
    { additionalProperties: false },
  );

/** A name of a parameter, or a product with one, in the place of a value. */
const REFERENCE: Schema = { type: 'string', pattern: '^ *\\w+( *[*/] *\\w+)* *$' };

/** A parameter, or a value inside of one; lists of layers take no references themselves. */
function orReference(schema: Schema): Schema {
  const { anyOf = [schema], description, default: standard } = schema;
  if (schema.const !== undefined) return schema;
  if (isLayers(schema)) return withItems(schema);
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    anyOf: [...anyOf.map(branch => inside(branch)), REFERENCE],
    expected: `${describeSchema(schema)}, or a parameter of the block`,
  };
}

/** @param tag The property that tells alternatives apart, which stays as it is. */
function inside(schema: Schema, tag?: string): Schema {
  const { definition, items, properties, oneOf, discriminator } = schema;
  return {
    ...schema,
    ...(definition !== undefined && { definition: `block-${definition}` }),
    ...(items !== undefined && !isList(items) && { items: orReference(items) }),
    ...(properties && {
      properties: mapValues(properties, (inner, name) => (name === tag ? inner : orReference(inner))),
    }),
    ...(oneOf && { oneOf: oneOf.map(branch => inside(branch, discriminator?.propertyName)) }),
  };
}

const isLayers = ({ items }: Schema): boolean =>
  items !== undefined && !isList(items) && (items.$ref !== undefined || isLayers(items));

function withItems(schema: Schema): Schema {
  const items = schema.items as Schema;
  return {
    ...schema,
    items: items.$ref === undefined ? withItems(items) : { $ref: `#/$defs/${BLOCK_LAYER}` },
  };
}
