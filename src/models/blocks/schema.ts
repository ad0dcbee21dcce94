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

/** Schema of the items of a list of layers: layers of these kinds, or uses of blocks. */
export const layerItems = (layer: Schema, definition: string = LAYER): Schema => ({
  definition,
  anyOf: [layer, BlockUseSchema],
  expected: 'a layer { use: …, … } or a block { block: …, … }',
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
      layers: writtenLayers(layerItems(inBlock(layer), BLOCK_LAYER)),
    },
    { additionalProperties: false },
  );

/** A name of a parameter, or a product with one, in the place of a value. */
const REFERENCE: Schema = { type: 'string', pattern: '^ *\\w+( *[*/] *\\w+)* *$' };

/** The schema of a layer inside a block, where names of parameters may stand for values. */
const inBlock = (layer: Schema): Schema => ({
  ...layer,
  oneOf: (layer.oneOf ?? []).map(kind => ({
    ...kind,
    properties: mapValues(kind.properties ?? {}, orReference),
  })),
});

function orReference(schema: Schema): Schema {
  const { const: literal, anyOf, items, description, default: standard } = schema;
  if (literal !== undefined) return schema;
  if (isLayers(schema)) return withItems(schema);
  const said = {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
  };
  const inner = items === undefined || isList(items) ? schema : { ...schema, items: orReference(items) };
  return {
    ...said,
    anyOf: [...(anyOf ?? [inner]), REFERENCE],
    expected: `${describeSchema(schema)}, or a parameter of the block`,
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
