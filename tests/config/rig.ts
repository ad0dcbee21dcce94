import { expect } from 'vitest';
import type { PipelineStage, ValidPipeline } from '../../src/config/pipeline.ts';
import { loadPipeline, type LoadResult } from '../../src/config/load.ts';
import type { Problem } from '../../src/core/failure.ts';
import { makeProject, type Project, type ProjectFiles } from '../rig/pipe.ts';

/** A stage with a parameter of every sort, as a user would write it. */
const paintStage = `
import { defineStage, Type } from 'pipe';

const Layer = {
  type: 'object',
  discriminator: { propertyName: 'use' },
  required: ['use'],
  oneOf: [
    {
      type: 'object',
      properties: {
        use: { const: 'dense' },
        units: { type: 'integer', minimum: 1 },
        bias: { type: 'boolean', default: true },
      },
      required: ['use', 'units', 'bias'],
    },
    { type: 'object', properties: { use: { const: 'flatten' } }, required: ['use'] },
  ],
};

export default defineStage({
  name: 'paint',
  version: 1,
  summary: 'Paints.',
  params: Type.Object({
    epochs: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Passes.' }),
    rate: Type.Number({ exclusiveMinimum: 0, default: 0.1, description: 'Speed.' }),
    mode: Type.Union([Type.Literal('fast'), Type.Literal('slow')], { default: 'fast', description: 'How.' }),
    shuffle: Type.Boolean({ default: true, description: 'Order.' }),
    title: Type.Optional(Type.String({ description: 'Words.' })),
    source: Type.Optional(Type.String({ path: true, description: 'A folder.' })),
    tags: Type.Array(Type.String(), { default: [], maxItems: 3, description: 'Labels.' }),
    sample: Type.Object(
      { every: Type.Integer({ minimum: 1, default: 100, description: 'Interval.' }) },
      { description: 'Pictures.' },
    ),
    size: Type.Optional(Type.Union([Type.Number({ minimum: 8 }), Type.Array(Type.Number())], { description: 'Size.' })),
    model: Type.Union(
      [
        Type.Literal('small'),
        Type.Literal('large'),
        Type.Object({
          latent: Type.Integer({ default: 100, description: 'Noise.' }),
          layers: Type.Array(Type.Unsafe<unknown>(Layer), { minItems: 1, description: 'Layers.' }),
        }),
      ],
      { default: 'small', yamlFile: true, description: 'A network.' },
    ),
  }),
  inputs: {},
  outputs: { files: { kind: 'files', description: 'Paintings.' } },
  check: ({ epochs, sample }) =>
    epochs === 13
      ? [{ path: ['epochs'], code: 'unlucky', message: 'thirteen epochs bring bad luck', hint: 'take twelve' }]
      : sample.every === 13
        ? [{ path: ['sample', 'every'], code: 'unlucky', message: 'every thirteenth brings bad luck' }]
        : [],
  run: async () => ({ files: { kind: 'files', dir: '', files: [] } }),
});
`;

export interface LoadedProject {
  readonly project: Project;
  /** Loads a file of the project, `p.yaml` by default, from the project's folder. */
  readonly load: (options?: LoadSettings) => Promise<LoadResult>;
}

export interface LoadSettings {
  readonly file?: string;
  readonly set?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A project folder with `paint.ts` in it. */
export async function projectWith(files: ProjectFiles): Promise<LoadedProject> {
  const project = await makeProject({ 'paint.ts': paintStage, ...files });
  return {
    project,
    load: ({ file = 'p.yaml', set = [], env = {} } = {}) =>
      loadPipeline(file, { cwd: project.dir, set, env }),
  };
}

/** Loads one pipeline text. */
export async function loadText(text: string, options: LoadSettings = {}, files: ProjectFiles = {}) {
  return (await projectWith({ 'p.yaml': text, ...files })).load(options);
}

/** The pipeline, or a test failure that shows the problems. */
export function valid(result: LoadResult): ValidPipeline {
  expect(result.ok ? [] : result.problems.map(brief)).toEqual([]);
  if (!result.ok) throw new Error('not valid');
  return result.pipeline;
}

export function problemsOf(result: LoadResult): readonly Problem[] {
  expect(result.ok).toBe(false);
  return result.ok ? [] : result.problems;
}

export const stageOf = (pipeline: ValidPipeline, id: string): PipelineStage =>
  pipeline.stages.find(stage => stage.id === id) ?? expect.fail(`no stage ${id}`);

/** `p.yaml:3:5 message`, and what is marked: `p.yaml:3:5 [epoch] unknown parameter …`. */
export function brief({ location, message }: Problem): string {
  if (location === undefined) return message;
  const { file, line, column, length, text } = location;
  return `${file}:${line}:${column} [${text.slice(column - 1, column - 1 + length)}] ${message}`;
}

export const briefly = (result: LoadResult): readonly string[] => problemsOf(result).map(brief);

/** A pipeline of one paint stage with these parameters, each on a line of its own, the first on line 5. */
export const painting = (...params: readonly string[]): string =>
  [
    'name: x',
    'stages:',
    '  - use: ./paint.ts',
    '    params:',
    ...params.map(line => `      ${line}`),
    '',
  ].join('\n');
