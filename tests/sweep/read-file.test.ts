import { beforeAll, describe, expect, it } from 'vitest';
import { isDraft, PIPELINE, sweepProject, words, type SweepProject } from './rig.ts';

let sweeps: SweepProject;
beforeAll(async () => {
  sweeps = await sweepProject();
});

const sweep = (...lines: readonly string[]): string =>
  ['pipeline: p.yaml', 'objective: { metric: g_loss, direction: min }', ...lines, ''].join('\n');

const draftOf = async (text: string) => {
  const read = await sweeps.read(text);
  if (!isDraft(read)) throw new Error(words(read).join('\n'));
  return read;
};

const mistakesOf = async (text: string, options = {}) => {
  const read = await sweeps.read(text, options);
  if (isDraft(read)) throw new Error('no mistake was found');
  return words(read);
};

describe('a sweep’s file', () => {
  it('varies parameters, ranges and conditions', async () => {
    const draft = await draftOf(
      sweep(
        'method: random',
        'budget: { runs: 12 }',
        'seeds: 3',
        'vary:',
        '  train.learningRate: { log: [1.0e-5, 1.0e-2] }',
        '  train.beta2: { range: [0.9, 0.999], when: { train.loss: [hinge] } }',
        '  train.loss: [bce, hinge]',
        '  train.batchSize: { range: [4, 16], integer: true, step: 4 }',
      ),
    );
    expect(draft).toMatchObject({
      name: 's',
      method: 'random',
      seeds: [1, 2, 3],
      objective: { stage: 'train', metric: 'g_loss', direction: 'min', at: 'best' },
    });
    expect(draft.space).toEqual([
      { name: 'train.learningRate', kind: 'range', low: 1e-5, high: 1e-2, log: true, integer: false },
      { name: 'train.loss', kind: 'choice', values: ['bce', 'hinge'] },
      { name: 'train.batchSize', kind: 'range', low: 4, high: 16, log: false, integer: true, step: 4 },
      {
        name: 'train.beta2',
        kind: 'range',
        low: 0.9,
        high: 0.999,
        log: false,
        integer: false,
        when: { name: 'train.loss', oneOf: ['hinge'] },
      },
    ]);
  });

  it('varies the pipeline, and points may say everything', async () => {
    const draft = await draftOf(
      [
        'pipeline: [p.yaml, other.yaml]',
        'objective: { metric: train.g_loss, direction: min, at: last }',
        'points:',
        '  - { pipeline: p.yaml, train.iterations: 50 }',
        '  - { pipeline: other.yaml }',
        '',
      ].join('\n'),
    );
    expect(draft.method).toBe('list');
    expect(draft.pipelines.map(({ file }) => file)).toEqual(['p.yaml', 'other.yaml']);
    expect(draft.points).toEqual([
      { pipeline: 'p.yaml', 'train.iterations': 50 },
      { pipeline: 'other.yaml' },
    ]);
  });

  it('pauses at rungs below the last iteration, each so many times the one before', async () => {
    const draft = await draftOf(
      sweep('vary: { train.batchSize: [4, 8] }', 'stop: { method: asha, stage: train, min: 5 }'),
    );
    expect(draft.early).toEqual({
      method: 'asha',
      stage: 'train',
      rungs: [5, 15, 45],
      max: 90,
      eta: 3,
      atLeast: 5,
    });
  });

  it('keeps of the pipeline what its conditions name', async () => {
    const draft = await draftOf(
      sweep('vary: { train.batchSize: [4, 8] }', 'where: train.batchSize * train.iterations <= 500'),
    );
    expect(draft.pipelines[0]?.constants).toEqual({ 'train.batchSize': 8, 'train.iterations': 90 });
  });
});

const MISTAKES: readonly (readonly [what: string, text: string, ...found: readonly string[]])[] = [
  [
    'an unknown parameter',
    sweep('vary:', '  train.learningrate: [0.1]'),
    's.yaml:4:9 [learningrate] unknown parameter "learningrate" of stage "train"',
  ],
  [
    'an unknown stage',
    sweep('vary:', '  trian.batchSize: [8]'),
    's.yaml:4:3 [trian] the sweep names an unknown stage "trian"',
  ],
  [
    'a value that the stage refuses, where it is written',
    sweep('vary:', '  train.batchSize: [8, many]'),
    's.yaml:4:24 [many] parameter "batchSize" of stage "train" has the wrong type',
  ],
  [
    'a range of which only the inside is refused',
    sweep('method: random', 'budget: { runs: 3 }', 'vary:', '  train.batchSize: { range: [4, 16] }'),
    's.yaml:6:20 [{ range: [4, 16] }] parameter "batchSize" of stage "train" has the wrong type',
  ],
  [
    'an empty list',
    sweep('vary:', '  train.batchSize: []'),
    's.yaml:4:3 [train.batchSize] key "vary.train.batchSize" is out of range',
  ],
  [
    'a range that ends before it begins',
    sweep('vary:', '  train.learningRate: { range: [0.1, 0.01] }'),
    's.yaml:4:32 [[0.1, 0.01]] the range of "train.learningRate" ends before it begins | the smaller number first',
  ],
  [
    'the logarithm of zero',
    sweep('method: random', 'budget: { runs: 3 }', 'vary:', '  train.learningRate: { log: [0, 0.01] }'),
    's.yaml:6:30 [[0, 0.01]] the log of "train.learningRate" has no logarithm | numbers above 0',
  ],
  [
    'a condition on what does not vary',
    sweep('vary:', '  train.batchSize: { values: [8], when: { train.loss: hinge } }'),
    's.yaml:4:41 [{ train.loss: hinge }] "train.batchSize" depends on "train.loss", which does not vary',
  ],
  [
    'a condition that is never met',
    sweep('vary:', '  train.loss: [bce]', '  train.batchSize: { values: [8], when: { train.loss: hinge } }'),
    's.yaml:5:41 [{ train.loss: hinge }] "train.batchSize" never varies: "train.loss" has no such value',
  ],
  [
    'conditions in a circle',
    sweep(
      'vary:',
      '  train.loss: { values: [bce], when: { train.batchSize: 8 } }',
      '  train.batchSize: { values: [8], when: { train.loss: bce } }',
    ),
    'go round in a circle',
  ],
  [
    'a value twice',
    sweep('vary:', '  train.batchSize: [8, 8]'),
    's.yaml:4:24 [8] "train.batchSize" has the value 8 twice',
  ],
  [
    'a grid over a range',
    sweep('vary:', '  train.learningRate: { range: [0.1, 0.2] }'),
    'a grid has values, not a range without steps',
  ],
  [
    'a grid of a million points',
    sweep(
      'vary:',
      '  train.batchSize: { range: [1, 1000], integer: true }',
      '  train.every: { range: [1, 1000], integer: true }',
    ),
    's.yaml:4:3 [train.batchSize: { range: [1, 1000], integer: true }] the grid has 1,000,000 points | if that is meant: --yes, or a budget',
  ],
  [
    'a search without an end',
    sweep('method: tpe', 'vary:', '  train.learningRate: { log: [0.1, 0.2] }'),
    's.yaml:3:1 [method] the method tpe has no end',
  ],
  [
    'a search of nothing',
    sweep('method: tpe', 'budget: { runs: 3 }'),
    'the method tpe has nothing to choose',
  ],
  [
    'an objective that nothing declares',
    'pipeline: p.yaml\nobjective: kid\n',
    's.yaml:2:12 [kid] no stage in p declares a metric "kid"',
  ],
  [
    'an objective without direction',
    'pipeline: p.yaml\nobjective: g_loss\n',
    's.yaml:2:12 [g_loss] "g_loss" has no direction',
  ],
  [
    'an objective that measures time',
    'pipeline: timed.yaml\nobjective: seconds\n',
    's.yaml:2:12 [seconds] "seconds" measures time',
  ],
  [
    'an objective of two stages',
    'pipeline: timed.yaml\nobjective: g_loss\n',
    'several stages in p have a metric "g_loss" | one of train.g_loss, timed.g_loss',
  ],
  ['no pipeline', 'objective: g_loss\n', 'missing key "pipeline"'],
  [
    'a pipeline that is not there',
    sweep().replace('p.yaml', 'q.yaml'),
    's.yaml:1:11 [q.yaml] no file q.yaml',
  ],
  ['a pipeline in its place', PIPELINE, 's.yaml:2:1 [stages] s.yaml is a pipeline, not a sweep'],
  ['a list in its place', '- a\n', 's.yaml is not a sweep'],
  [
    'the seed as a parameter',
    sweep('vary: { seed: [1, 2] }'),
    's.yaml:3:9 [seed] the seed is no parameter to vary',
  ],
  ['a seed twice', sweep('seeds: [1, 2, 1]'), 's.yaml:3:15 [1] the seed 1 is there twice'],
  [
    'what is set and varies',
    sweep('set: { train.batchSize: 4 }', 'vary: { train.batchSize: [8] }'),
    's.yaml:3:8 [train.batchSize] "train.batchSize" is set, and varies',
  ],
  [
    'points without the method',
    sweep('method: grid', 'points: [{ train.batchSize: 8 }]'),
    'the method grid has no use for points',
  ],
  ['the method without points', sweep('method: list'), 'the method list has no points'],
  [
    'a point twice',
    sweep('points: [{ train.batchSize: 8 }, { train.batchSize: 8 }]'),
    'point 2 is the same as point 1',
  ],
  [
    'early stopping of a stage that is not there',
    sweep('stop: { method: asha, stage: trian, min: 5 }'),
    's.yaml:3:30 [trian] no stage "trian" to stop',
  ],
  [
    'early stopping of a stage that cannot pause',
    sweep('stop: { method: asha, stage: timed, min: 5 }')
      .replace('p.yaml', 'timed.yaml')
      .replace('metric: g', 'metric: train.g'),
    'stage "timed" cannot pause',
  ],
  [
    'a pause behind the end',
    sweep('stop: { method: asha, stage: train, min: 90 }'),
    's.yaml:3:42 [90] a pause at iteration 90 of 90 is none',
  ],
  [
    'pauses that do not ascend',
    sweep('stop: { method: asha, stage: train, rungs: [20, 10] }'),
    'the iterations at which trials pause do not ascend',
  ],
  ['no pause', sweep('stop: { method: median, stage: train }'), 'where trials pause is not said'],
  [
    'an objective that is measured after the pause',
    [
      'pipeline: timed.yaml',
      'objective: timed.g_loss',
      'stop: { method: asha, stage: train, min: 5 }',
      '',
    ].join('\n'),
    '"timed.g_loss" is measured once train has ended',
  ],
  ['a condition that cannot be read', sweep('where: train.batchSize <'), 's.yaml:3:'],
  ['a condition on an unknown name', sweep('where: train.batchsize < 9'), 's.yaml:3:8 [train.batchsize]'],
  ['an unknown key', sweep('budgets: { runs: 3 }'), 's.yaml:3:1 [budgets] unknown key "budgets"'],
];

describe('a mistake in it is shown before anything runs:', () => {
  it.each(MISTAKES)('%s', async (_what, text, ...found) => {
    const mistakes = await mistakesOf(text);
    for (const part of found) expect(mistakes.join('\n')).toContain(part);
  });

  it('a large grid may be meant', async () => {
    const text = sweep(
      'vary:',
      '  train.batchSize: { range: [1, 1000], integer: true }',
      '  train.every: { range: [1, 2], integer: true }',
    );
    expect(isDraft(await sweeps.read(text, { large: true }))).toBe(true);
  });
});
