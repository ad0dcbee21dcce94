import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { Type } from 'typebox';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadBuiltInStages } from '../../src/config/catalog.ts';
import { pipelineSchema } from '../../src/config/editor-schema.ts';
import { defineStage } from '../../src/core/stage.ts';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const compile = (schema: object) => new Ajv({ strict: false, allErrors: true }).compile(schema);

const paint = defineStage({
  name: 'paint',
  version: 1,
  summary: 'Paints.',
  params: Type.Object({
    epochs: Type.Integer({ minimum: 1, default: 20, description: 'Passes.' }),
    colour: Type.Union([Type.Literal('red'), Type.Literal('blue')], { description: 'Which.' }),
    title: Type.Optional(Type.String({ maxLength: 5, description: 'Words.' })),
    size: Type.Optional(Type.Tuple([Type.Number(), Type.Number()], { description: 'Width, height.' })),
    net: Type.Optional(
      Type.Object({ units: Type.Integer({ default: 1 }) }, { yamlFile: true, description: 'Layers.' }),
    ),
    layer: Type.Optional(
      Type.Unsafe<unknown>({
        type: 'object',
        discriminator: { propertyName: 'use' },
        required: ['use'],
        oneOf: [
          {
            type: 'object',
            properties: { use: { const: 'dense' }, units: { type: 'integer' } },
            required: ['use', 'units'],
          },
          { type: 'object', properties: { use: { const: 'flatten' } }, required: ['use'] },
        ],
      }),
    ),
  }),
  inputs: { dataset: { kind: 'dataset', description: 'What to paint.' } },
  outputs: {},
  run: () => Promise.resolve({}),
});

describe('the schema for editors', () => {
  const validate = compile(pipelineSchema([paint]));
  const accepts = (text: string) => validate(parse(text));
  const withParams = (params: string) => `name: x\nstages:\n  - use: paint\n    params: ${params}\n`;

  it.each([
    [
      'typed values',
      '{ colour: red, epochs: 3, size: [1, 2], net: { units: 3 }, layer: { use: dense, units: 2 } }',
    ],
    ['what has defaults left out', '{ colour: blue }'],
    [
      'variables wherever there is a value',
      '{ colour: "${c}", epochs: "${n}", title: "${long-name}", size: ["${w}", 2], net: "${net}", layer: "${layer}" }',
    ],
    ['variables inside of a layer', '{ colour: red, layer: { use: dense, units: "${n}" } }'],
    [
      'null for what may be left out',
      '{ colour: red, epochs: null, title: null, size: null, net: { units: null } }',
    ],
    ['a YAML file where one may be', '{ colour: red, net: ./net.yaml }'],
  ])('accepts %s', (_, params) => {
    expect(accepts(withParams(params))).toBe(true);
  });

  it.each([
    ['an unknown parameter', '{ colour: red, epoch: 3 }'],
    ['a wrong type', '{ colour: red, epochs: many }'],
    ['a value out of range', '{ colour: red, epochs: 0 }'],
    ['an unknown word', '{ colour: green }'],
    ['a missing parameter', '{ epochs: 3 }'],
    ['null for what must be there', '{ colour: null }'],
    ['a text that is too long', '{ colour: red, title: abcdefgh }'],
    ['an unknown kind of layer', '{ colour: red, layer: { use: dens } }'],
    ['an unknown parameter of a layer', '{ colour: red, layer: { use: flatten, units: 2 } }'],
  ])('refuses %s', (_, params) => {
    expect(accepts(withParams(params))).toBe(false);
  });

  it('knows the file’s own keys, the stages and their inputs', () => {
    expect(accepts('name: x\nseed: ${s}\nstages: [{ use: ./mine.ts, params: { anything: 1 } }]\n')).toBe(
      true,
    );
    expect(accepts('name: x\nsede: 3\nstages: [{ use: ./mine.ts }]\n')).toBe(false);
    expect(accepts('name: x\nstages: [{ use: pant }]\n')).toBe(false);
    expect(accepts('stages: [{ use: ./mine.ts }]\n')).toBe(false);
    const inputs = (name: string) =>
      accepts(`name: x\nstages: [{ use: paint, params: { colour: red }, inputs: { ${name}: a.b } }]\n`);
    expect([inputs('dataset'), inputs('datset')]).toEqual([true, false]);
  });

  it('lets a file that extends another leave out what the base says, and still checks the rest', () => {
    const child = (entry: string) => accepts(`extends: base.yaml\nstages: [${entry}]\n`);
    expect(child('{ use: paint }')).toBe(true);
    expect(child('{ id: paint, params: { epochs: 3 } }')).toBe(true);
    expect(child('{ id: paint, params: { epoch: 3 } }')).toBe(false);
    expect(child('{ id: something-else, params: { epoch: 3 } }')).toBe(true);
    expect(child('{ params: { epochs: 3 } }')).toBe(false);
  });

  it('keeps descriptions and defaults, which editors show', () => {
    expect(pipelineSchema([paint])).toMatchObject({
      $defs: {
        paint: {
          properties: { epochs: { description: 'Passes.', default: 20 }, colour: { description: 'Which.' } },
        },
      },
    });
  });
});

describe('schema/pipeline.schema.json', () => {
  const text = readFileSync(fromRoot('schema/pipeline.schema.json'), 'utf8');

  let validate: ValidateFunction;
  beforeAll(() => {
    validate = compile(JSON.parse(text) as object);
  });

  it('is what the stages say now (if not: npm run schema)', async () => {
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(pipelineSchema(await loadBuiltInStages()))));
  });

  it.each([
    [true, '{ use: conv2d, filters: 4, kernelSize: 3 }'],
    [true, '"${layer}"'],
    [false, '{ use: conv2d, filters: 4, kernelSize: 3, stride: 2 }'],
    [false, '{ use: conv3d }'],
  ])('checks the layers inside of layers: %s for %s', (isRight, layer) => {
    const layers = `[{ use: residual, layers: [{ use: parallel, branches: [[], [${layer}]] }] }]`;
    const model = `{ generator: { layers: ${layers} }, discriminator: { layers: ${layers} } }`;
    expect(validate(parse(`name: x\nstages: [{ use: build-model, params: { model: ${model} } }]\n`))).toBe(
      isRight,
    );
  });

  const files = ['pipelines', 'examples'].flatMap(folder =>
    readdirSync(fromRoot(folder))
      .filter(file => file.endsWith('.yaml'))
      .map(file => `${folder}/${file}`),
  );

  it.each(files)('accepts %s, which names it for editors', file => {
    const pipeline = readFileSync(fromRoot(file), 'utf8');
    expect(pipeline).toMatch(/^# yaml-language-server: \$schema=\.\.\/schema\/pipeline\.schema\.json\n/);
    validate(parse(pipeline));
    expect(validate.errors ?? []).toEqual([]);
  });
});
