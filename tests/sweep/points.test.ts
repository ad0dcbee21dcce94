import { beforeAll, describe, expect, it } from 'vitest';
import { isDraft, sweepProject, words, type SweepProject } from './rig.ts';

let sweeps: SweepProject;
beforeAll(async () => {
  sweeps = await sweepProject({ 'nested.yaml': 'pipeline: p.yaml\nobjective: g_loss\n' });
});

const OBJECTIVE = 'objective: { metric: g_loss, direction: min }';
const sweep = (...lines: readonly string[]): string =>
  ['pipeline: p.yaml', OBJECTIVE, ...lines, ''].join('\n');
const two = (...lines: readonly string[]): string =>
  ['pipeline: [p.yaml, other.yaml]', OBJECTIVE, ...lines, ''].join('\n');

const MISTAKES: readonly (readonly [what: string, text: string, ...found: readonly string[]])[] = [
  [
    'a pipeline as a parameter',
    sweep('vary: { pipeline: [a.yaml, b.yaml] }'),
    's.yaml:3:9 [pipeline] the pipeline is no parameter to vary | list them: pipeline: [p.yaml, …]',
  ],
  [
    'a point with a pipeline that the sweep does not have',
    sweep('points: [{ pipeline: other.yaml }, { pipeline: p.yaml }]'),
    's.yaml:3:22 [other.yaml] point 1 names the pipeline "other.yaml", which the sweep does not list | p.yaml',
  ],
  [
    'the same among several',
    two('points: [{ pipeline: x.yaml }, { pipeline: p.yaml }]'),
    's.yaml:3:22 [x.yaml] point 1 names the pipeline "x.yaml", which the sweep does not list | one of p.yaml, other.yaml',
  ],
  [
    'a point without one among several',
    two('points: [{ train.batchSize: 3 }, { pipeline: p.yaml }]'),
    's.yaml:3:10 [{ train.batchSize: 3 }] point 1 names no pipeline, though there are several | pipeline: p.yaml or other.yaml',
  ],
  [
    'a pipeline without a point',
    two('points: [{ pipeline: p.yaml }]'),
    's.yaml:1:20 [other.yaml] no point names the pipeline "other.yaml"',
  ],
  [
    'a pipeline twice',
    two().replace('other.yaml', 'p.yaml'),
    's.yaml:1:20 [p.yaml] the pipeline p.yaml is there twice',
  ],
  [
    'a sweep as a pipeline',
    sweep().replace('p.yaml', 'nested.yaml'),
    'nested.yaml:1:1 [pipeline] nested.yaml is a sweep, not a pipeline | run it: pipe sweep nested.yaml',
  ],
  ['a folder as a pipeline', sweep().replace('p.yaml', '.'), 's.yaml:1:11 [.] . is not a file'],
  [
    'a seed in a point',
    sweep('points: [{ seed: 1 }, { seed: 2 }]'),
    's.yaml:3:12 [seed] the seed is no parameter to vary | repeats of each point: seeds: [1, 2, 3]',
  ],
  ['nothing that varies', sweep('vary: {}'), 's.yaml:3:7 [{}] the grid is empty: nothing varies'],
  [
    'more seeds than runs',
    sweep('seeds: 3', 'budget: { runs: 2 }'),
    's.yaml:4:17 [2] 2 runs are too few for a point, which has 3 seeds | 3 or more',
  ],
  ['a seed beyond 32 bits', sweep('seeds: [1, 4294967296]'), 's.yaml:3:12 [4294967296]'],
  ['seeds without end', sweep('seeds: 1000000000'), 's.yaml:3:8 [1000000000]'],
  [
    'steps of values',
    sweep('vary: { train.batchSize: { values: [1, 4], step: 1 } }'),
    's.yaml:3:44 [step] "step" has no effect on values | leave it out, or name a range',
  ],
  [
    'a condition on a value outside a range',
    sweep(
      'vary:',
      '  train.every: { range: [1, 3], integer: true }',
      '  train.batchSize: { values: [1], when: { train.every: 7 } }',
    ),
    '"train.batchSize" never varies: "train.every" has no such value | one of 1, 2, 3',
  ],
  [
    'a condition on a number of a continuous range',
    sweep(
      'method: random',
      'budget: { runs: 9 }',
      'vary:',
      '  train.beta2: { range: [0, 1] }',
      '  train.batchSize: { values: [1], when: { train.beta2: 0.5 } }',
    ),
    '"train.batchSize" hardly ever varies: "train.beta2" is any number of a range | a condition on values, or a step of the range',
  ],
  [
    'conditions that no point of a grid fulfils',
    sweep('vary: { train.batchSize: [1, 2] }', 'where: train.batchSize > 5'),
    's.yaml:4:8 [train.batchSize > 5] no point fulfils "where"',
  ],
  [
    'conditions that no point of a list fulfils',
    sweep('points: [{ train.batchSize: 1 }]', 'where: [train.batchSize > 5, train.every > 0]'),
    's.yaml:4:8 [[train.batchSize > 5, train.every > 0]] no point fulfils "where"',
  ],
];

describe('a mistake in points is shown before anything runs:', () => {
  it.each(MISTAKES)('%s', async (_what, text, ...found) => {
    const read = await sweeps.read(text);
    if (isDraft(read)) throw new Error('no mistake was found');
    for (const part of found) expect(words(read).join('\n')).toContain(part);
  });
});
