import { portsOf, type Ports } from '../core/ports.ts';
import type { AnyStage } from '../core/stage.ts';
import { editorSchema, editorValue } from './editor-params.ts';
import { omit, withDefinitions, type Schema } from '../core/json-schema.ts';
import { requiredOf } from './param-schema.ts';
import { PipelineStructure, StageEntry } from './structure.ts';

/**
 * The JSON Schema of pipeline files, for completion and checks in editors. It is more lenient than `pipe validate`, which knows
 * the values of variables and the content of a base.
 */
export function pipelineSchema(stages: readonly AnyStage[]): object {
  const structure = (PipelineStructure as Schema).properties ?? {};
  const properties = Object.fromEntries(
    Object.entries(structure).map(([name, schema]) => [name, editorValue(schema)]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A pipe pipeline',
    description: 'Made by `pipe schema --write` from the parameters of the stages.',
    type: 'object',
    properties: {
      ...properties,
      stages: { ...omit(structure['stages'] ?? {}, 'minItems'), items: entrySchema(stages) },
    },
    additionalProperties: false,
    // Keys of a base need not be repeated.
    if: { not: { required: ['extends'] } },
    then: {
      required: ['name', 'stages'],
      properties: { stages: { items: { required: ['use'], allOf: stages.flatMap(requiredRule) } } },
    },
    ...withDefinitions({ $defs: Object.fromEntries(stages.map(stage => [stage.name, definition(stage)])) }),
  };
}

function entrySchema(stages: readonly AnyStage[]): object {
  const { use, ...others } = editorSchema(StageEntry).properties ?? {};
  const names = stages.map(({ name, summary }): Schema => ({ const: name, description: summary }));
  return {
    type: 'object',
    properties: {
      use: { ...use, anyOf: [...names, { type: 'string', pattern: '[\\\\/]|\\.[cm]?[jt]s$' }] },
      ...others,
    },
    additionalProperties: false,
    anyOf: [{ required: ['use'] }, { required: ['id'] }],
    allOf: stages.map(stageRule),
  };
}

const uses = ({ name }: AnyStage): Schema => ({ properties: { use: { const: name } }, required: ['use'] });

/**
 * The rule for a stage's parameters. An entry that only overrides one of the base is recognised if its id is the stage's name.
 */
function stageRule(stage: AnyStage): object {
  const overrides = {
    not: { required: ['use'] },
    properties: { id: { const: stage.name } },
    required: ['id'],
  };
  const properties = { params: { $ref: `#/$defs/${stage.name}` }, inputs: inputs(stage) };
  return { if: { anyOf: [uses(stage), overrides] }, then: { properties } };
}

function inputs(stage: AnyStage): object {
  const properties: Record<string, Schema> = {};
  for (const [name, { kind, description }] of Object.entries(portsOf(stage.inputs as Ports)))
    properties[name] = { type: 'string', description: `${description} (${kind})` };
  return { type: 'object', properties, additionalProperties: false };
}

function requiredRule(stage: AnyStage): readonly object[] {
  const required = requiredOf(stage.params as Schema);
  return required.length === 0
    ? []
    : [{ if: uses(stage), then: { required: ['params'], properties: { params: { required } } } }];
}

/** A stage's parameters; required ones are listed elsewhere, as a base may have them. */
function definition(stage: AnyStage): Schema {
  return { description: stage.summary, ...omit(editorSchema(stage.params as Schema), 'required') };
}
