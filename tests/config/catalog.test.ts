import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { builtInStageNames, loadBuiltInStage } from '../../src/config/catalog.ts';
import type { Schema } from '../../src/core/json-schema.ts';
import { checkedSchema } from '../../src/config/param-schema.ts';
import { isId } from '../../src/config/stage-reference.ts';
import { stageDocument } from '../../src/cli/stage-document.ts';

describe.each(builtInStageNames())('the stage %s', name => {
  it('is found by its file, and is documented', async () => {
    const stage = await loadBuiltInStage(name);
    expect(stage.name).toBe(name);
    expect(isId(name)).toBe(true);
    expect(stage.summary).toMatch(/^[A-Z].*[.]$/);
    const { parameters, choices, inputs, outputs, metrics } = stageDocument(stage);
    const described = [
      ...parameters.map(parameter => [parameter.name, parameter.description]),
      ...choices.flatMap(({ options }) =>
        options.flatMap(option => [
          [option.name, option.description],
          ...option.parameters.map(parameter => [`${option.name}.${parameter.name}`, parameter.description]),
        ]),
      ),
      ...Object.entries({ ...inputs, ...outputs, ...metrics }).map(([key, value]) => [
        key,
        value.description,
      ]),
    ];
    expect(described.filter(([, description]) => description === '').map(([key]) => key)).toEqual([]);
  });

  it('has a parameter schema that ajv takes, with defaults that satisfy it', async () => {
    const params = (await loadBuiltInStage(name)).params as Schema;
    const ajv = new Ajv({ strict: false, discriminator: true });
    for (const [key, schema] of Object.entries(params.properties ?? {}))
      if (schema.default !== undefined)
        expect([key, ajv.validate(checkedSchema(schema, schema.default), schema.default)]).toEqual([
          key,
          true,
        ]);
    expect(() => ajv.compile(checkedSchema(params, undefined))).not.toThrow();
  });
});
