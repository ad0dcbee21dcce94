import { Type, type TObject } from 'typebox';
import { ID_LENGTH, ID_PATTERN, ID_RULE } from './stage-reference.ts';

/** Ids and names become names of folders. */
const Id = (description: string) =>
  Type.String({
    pattern: ID_PATTERN,
    maxLength: ID_LENGTH,
    description,
    expected: ID_RULE,
  });

const MAX_SEED = 2 ** 32 - 1;

const Seed = (description: string, options: { readonly default?: number } = {}) =>
  Type.Integer({ minimum: 0, maximum: MAX_SEED, ...options, description });

/** One entry of `stages:`. */
export const StageEntry: TObject = Type.Object({
  use: Type.String({
    minLength: 1,
    description: 'The stage: a built-in one’s name, or the path of a .ts or .js file, relative to this file.',
  }),
  id: Type.Optional(Id('The stage’s name within the pipeline; by default the stage’s own. Unique.')),
  params: Type.Optional(
    Type.Object({}, { additionalProperties: true, description: 'The stage’s parameters.' }),
  ),
  seed: Type.Optional(
    Seed(
      'Replaces the pipeline’s seed for this stage, so that its result stays the same while that one varies.',
    ),
  ),
  inputs: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description:
        'Where inputs come from: `<stage id>` or `<stage id>.<output>`. By default each is the latest earlier output of its kind.',
    }),
  ),
});

/** A pipeline file with `extends` and variables resolved. */
export const PipelineStructure: TObject = Type.Object({
  name: Id('The pipeline’s name; experiments are listed under it.'),
  seed: Seed('Every random number follows from it.', { default: 1 }),
  extends: Type.Optional(
    Type.String({
      description: 'A base pipeline, relative to this file. Stages with the same id are merged.',
    }),
  ),
  vars: Type.Optional(
    Type.Object(
      {},
      { additionalProperties: true, description: 'Variables: `${name}` stands for the value.' },
    ),
  ),
  stages: Type.Array(StageEntry, { minItems: 1, description: 'The stages, in order.' }),
});
