import { readSweepFile, type SweepDraft } from '../../src/sweep/read-file.ts';
import type { Problem } from '../../src/core/failure.ts';
import { makeProject, type Project } from '../rig/pipe.ts';
import { brief } from '../config/rig.ts';

/** A stage without TensorFlow that is checked in no time, and declares what sweeps may ask of a stage. */
const TRAIN = `
import { defineStage, Type } from 'pipe';
export default defineStage({
  name: 'train', version: 1, summary: 'Trains.',
  params: Type.Object({
    iterations: Type.Integer({ minimum: 1, default: 90, description: 'How long.' }),
    batchSize: Type.Integer({ minimum: 1, default: 8, description: 'Images.' }),
    every: Type.Integer({ minimum: 1, default: 8, description: 'Interval.' }),
    learningRate: Type.Number({ exclusiveMinimum: 0, default: 0.1, description: 'Speed.' }),
    beta2: Type.Number({ default: 0.9, description: 'Decay.' }),
    loss: Type.Union([Type.Literal('bce'), Type.Literal('hinge')], { default: 'bce', description: 'Loss.' }),
  }),
  inputs: {}, outputs: {},
  metrics: { g_loss: { description: 'Loss.', direction: 'none' } },
  resumable: { parameters: ['iterations'], lengthenedBy: ['iterations'], pausable: true },
  run: async () => ({}),
});
`;

const TIMED = `
import { defineStage, Type } from 'pipe';
export default defineStage({
  name: 'timed', version: 1, summary: 'Times.',
  params: Type.Object({}), inputs: {}, outputs: {},
  metrics: {
    seconds: { description: 'Time.', direction: 'min', wallClock: true },
    g_loss: { description: 'Another.', direction: 'min' },
  },
  run: async () => ({}),
});
`;

export const PIPELINE = `name: p
stages:
  - use: ./train.ts
`;

export interface SweepProject {
  readonly project: Project;
  /** Reads `s.yaml` with this text. */
  readonly read: (
    text: string,
    options?: { readonly large?: boolean },
  ) => Promise<readonly Problem[] | SweepDraft>;
}

/** A project with the pipeline `p.yaml`, for many sweeps. */
export async function sweepProject(files: Readonly<Record<string, string>> = {}): Promise<SweepProject> {
  const project = await makeProject({
    'train.ts': TRAIN,
    'timed.ts': TIMED,
    'p.yaml': PIPELINE,
    'other.yaml': PIPELINE.replace('name: p', 'name: other'),
    'timed.yaml': `${PIPELINE}  - use: ./timed.ts\n`,
    ...files,
  });
  return {
    project,
    read: async (text, { large = false } = {}) => {
      await project.write('s.yaml', text);
      const read = await readSweepFile('s.yaml', { cwd: project.dir, env: {}, large });
      return read.ok ? read.draft : read.problems;
    },
  };
}

/** What is wrong, a line each, with what was expected and the hint. */
export const words = (problems: readonly Problem[]): readonly string[] =>
  problems.map(problem => [brief(problem), problem.expected, problem.hint].filter(Boolean).join(' | '));

export const isDraft = (read: readonly Problem[] | SweepDraft): read is SweepDraft => !Array.isArray(read);
