import { describe, expect, it } from 'vitest';
import { makeProject, runPipe } from '../rig/pipe.ts';

const STAGE = `
import { defineStage, Type } from 'pipe';
const brush = {
  type: 'object', discriminator: { propertyName: 'kind' }, required: ['kind'], description: 'Optional.',
  oneOf: [{ type: 'object', description: 'Of hair.', required: ['kind'],
    properties: { kind: { enum: ['flat', 'round'] }, size: { type: 'integer', default: 4, description: 'In pixels.' } } }],
};
export default defineStage({
  name: 'tint',
  version: 1,
  summary: 'Tints every picture.',
  params: Type.Object({
    colour: Type.Union([Type.Literal('red'), Type.Literal('blue')], { description: 'Which colour.' }),
    strength: Type.Number({ minimum: 0, maximum: 1, default: 0.5, description: 'How much of it.' }),
    border: Type.Object(
      { width: Type.Integer({ minimum: 0, default: 0, description: 'In pixels.' }) },
      { description: 'A frame.' },
    ),
    layers: Type.Optional(Type.Array(Type.Unsafe<unknown>({
      type: 'object',
      discriminator: { propertyName: 'use' },
      required: ['use'],
      oneOf: [{ type: 'object', description: 'A wash.', required: ['use', 'depth'],
        properties: { use: { const: 'wash' }, depth: { type: 'integer', default: 3, description: 'How deep.' }, brush } }],
    }), { description: 'Coats.' })),
  }),
  inputs: { dataset: { kind: 'dataset', description: 'What to tint.' } },
  outputs: { images: { kind: 'images', description: 'The tinted pictures.' } },
  metrics: { speed: { description: 'How fast.', direction: 'max', unit: 'images/s' } },
  run: async () => { throw new Error('never run'); },
});
`;

const stages = async (...args: readonly string[]) => {
  const { dir } = await makeProject({ 'my/tint.ts': STAGE });
  return runPipe(['stages', ...args], { cwd: dir });
};

describe('pipe stages', () => {
  it('lists every stage with a line about it', async () => {
    const { exitCode, stdout } = await stages();
    expect(exitCode).toBe(0);
    const lines = stdout.split('\n');
    for (const name of [
      'build-model',
      'compare',
      'gif',
      'load-arrays',
      'load-cifar',
      'load-csv',
      'load-images',
      'normalize',
      'predict',
      'sample',
      'split-dataset',
      'train',
    ])
      expect(lines.find(line => line.startsWith(`${name} `))).toMatch(/ {2}[A-Z].*\.$/);
  });

  it('explains a stage: what it takes, makes and measures, and every parameter', async () => {
    const { exitCode, stdout } = await stages('./my/tint.ts');
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`tint: Tints every picture.

inputs
  dataset  dataset
      What to tint.

outputs
  images  images
      The tinted pictures.

metrics
  speed  images/s  higher is better
      How fast.

parameters
  colour        one of red, blue          required
      Which colour.
  strength      number ≥ 0 and ≤ 1        default 0.5
      How much of it.
  border        mapping with width        optional
      A frame.
  border.width  integer ≥ 0               default 0
      In pixels.
  layers        list of mapping with use  optional
      Coats.

use in layers[]
  wash: A wash.
      depth  integer            default 3
      brush  mapping with kind  optional

kind in layers[].brush
  flat, round: Of hair.
      size  integer  default 4
`);
  });

  it('explains a built-in stage, also as JSON', async () => {
    const { stdout } = await stages('train', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'train',
      inputs: { dataset: { kind: 'dataset' } },
      parameters: expect.arrayContaining([
        expect.objectContaining({ name: 'epochs', required: false, default: 20 }),
        expect.objectContaining({ name: 'sample.every', default: 100 }),
      ]) as unknown,
    });
    const all = JSON.parse((await stages('--json')).stdout) as readonly { name: string }[];
    expect(all.map(({ name }) => name)).toContain('train');
  });

  it('suggests a name, and says how to name one’s own', async () => {
    const { exitCode, stderr } = await stages('trian');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error: unknown stage "trian"\n  did you mean "train"?\n');
    expect(stderr).toContain('pipe stages ./my-stages/blur.ts');
    const missing = await stages('./my/tnt.ts');
    expect(missing).toMatchObject({
      exitCode: 2,
      stderr: 'error: no stage file ./my/tnt.ts\n  did you mean "my/tint.ts"?\n',
    });
  });
});
