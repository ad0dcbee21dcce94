import { describe, expect, it } from 'vitest';
import { compareExperiments } from '../../src/compare/compare.ts';
import type { ComparisonTable, Row } from '../../src/compare/table.ts';
import { experiment, metric } from './experiments.ts';

const rowsOf = ({ sections }: ComparisonTable, title: string): Record<string, Row> =>
  Object.fromEntries(
    (sections.find(section => section.title === title)?.rows ?? []).map(row => [row.name, row]),
  );

/** Texts of a section, by row; the best with a star. */
const texts = (table: ComparisonTable, title: string) =>
  Object.fromEntries(
    Object.entries(rowsOf(table, title)).map(([name, { cells }]) => [
      name,
      cells.map(({ text, best }) => (best ? `${text} *` : text)),
    ]),
  );

describe('comparing experiments', () => {
  it('shows the parameters that differ, and all of them when asked', () => {
    const parameters = { 'train.epochs': 20, 'train.learningRate': 0.0002, 'sample.count': 100 };
    const others = { 'train.epochs': 20, 'train.learningRate': 1e-7, 'gif.delay': [100, 200] };
    const pair = [experiment(1, { parameters }), experiment(2, { parameters: others })];
    expect(texts(compareExperiments(pair, { all: false }), 'Parameters that differ')).toEqual({
      'train.learningRate': ['0.0002', '1e-7'],
      'sample.count': ['100', '–'],
      'gif.delay': ['–', '[100,200]'],
    });
    expect(texts(compareExperiments(pair, { all: true }), 'Parameters')).toMatchObject({
      'train.epochs': ['20', '20'],
      'train.learningRate': ['0.0002', '1e-7'],
    });
  });

  it('does not mind the order of keys, nor take null for missing', () => {
    const one = experiment(1, { parameters: { a: { x: 1, y: null }, b: null } });
    const two = experiment(2, { parameters: { b: null, a: { y: null, x: 1 } } });
    const { sections, notes } = compareExperiments([one, two], { all: false });
    expect(sections.map(({ title }) => title)).toEqual(['Experiment']);
    expect(notes).toEqual(['All parameters are equal.']);
    const three = experiment(3, { parameters: { a: { x: 1, y: null } } });
    expect(texts(compareExperiments([one, three], { all: false }), 'Parameters that differ')).toEqual({
      b: ['null', '–'],
    });
  });

  it('shows a whole network beside the name of a built-in one in one row', () => {
    const own = {
      'build-model.model.latent': 32,
      'build-model.model.generator.layers.0.use': 'dense',
      'build-model.model.generator.layers.0.units': 64,
    };
    const table = compareExperiments(
      [experiment(1, { parameters: { 'build-model.model': 'cgan' } }), experiment(2, { parameters: own })],
      { all: false },
    );
    expect(texts(table, 'Parameters that differ')).toEqual({
      'build-model.model': ['cgan', '3 values of its own'],
    });
  });

  it('shows of a whole network only the numbers that differ', () => {
    const network = (units: number) => ({
      'build-model.model': {
        generator: {
          layers: [
            { use: 'dense', units },
            { use: 'reshape', shape: [4, 4, 256] },
          ],
        },
      },
    });
    const table = compareExperiments(
      [experiment(1, { parameters: network(128) }), experiment(2, { parameters: network(256) })],
      { all: false },
    );
    expect(texts(table, 'Parameters that differ')).toEqual({
      'build-model.model.generator.layers[0].units': ['128', '256'],
    });
  });

  it('has one row a metric: the last value, the best and its step, by the direction that the metric declares', () => {
    const accuracy = { direction: 'max' } as const;
    const error = { direction: 'min' } as const;
    const table = compareExperiments(
      [
        experiment(1, {
          metrics: { d_loss: metric(0.5), accuracy: metric(0.75, accuracy), error: metric(2.5, error) },
        }),
        experiment(2, {
          metrics: {
            d_loss: metric(0.25),
            accuracy: metric(0.5, { ...accuracy, max: 0.875 }),
            error: metric(1.5, error),
          },
        }),
      ],
      { all: false },
    );
    expect(texts(table, 'Metrics')).toEqual({
      d_loss: ['0.5000', '0.2500'],
      accuracy: ['0.7500, best 0.7500 at 7', '0.5000, best 0.8750 at 7 *'],
      error: ['2.500, best 2.500 at 4', '1.500, best 1.500 at 4 *'],
    });
  });

  it.each([
    ['a tie', [0.5, 0.5, 0.25], ['0.5000', '0.5000', '0.2500']],
    ['what looks equal', [0.50001, 0.5, 0.25], ['0.5000', '0.5000', '0.2500']],
    ['all equal', [0.5, 0.5], ['0.5000', '0.5000']],
    ['one value alone', [0.5, undefined], ['0.5000', '–']],
    ['one of three missing', [0.5, undefined, 0.25], ['0.5000 *', '–', '0.2500']],
    ['one that diverged', [NaN, 0.5, 0.25], ['NaN', '0.5000 *', '0.2500']],
    ['all but one diverged', [NaN, 0.5], ['NaN', '0.5000']],
    ['infinity', [-Infinity, 0.5], ['-Infinity', '0.5000 *']],
  ])('decides on %s', (_, values, shown) => {
    const experiments = values.map((value, index) =>
      experiment(
        index + 1,
        value === undefined ? {} : { metrics: { m: metric(value, { direction: 'max' }) } },
      ),
    );
    const cells = texts(compareExperiments(experiments, { all: false }), 'Metrics')['m'];
    expect(cells?.map(text => text.replace(/, best .* at 7/, ''))).toEqual(shown);
  });

  it('shows no speed of a stage whose result was taken over, as it was not measured again', () => {
    const speed = { direction: 'max', measuresTime: true } as const;
    const stage = {
      id: 'train',
      use: 'train',
      version: 1,
      startedAt: null,
      ms: 1,
      report: null,
      reason: null,
    };
    const table = compareExperiments(
      (['ran', 'reused', 'ran'] as const).map((status, index) =>
        experiment(index + 1, {
          metrics: { speed: metric(100 - index, speed), accuracy: metric(0.5, { direction: 'max' }) },
          stages: [{ ...stage, status }],
        }),
      ),
      { all: false },
    );
    expect(texts(table, 'Metrics')).toEqual({
      speed: ['100, best 100 at 7 *', 'reused', '98, best 98 at 7'],
      accuracy: Array(3).fill('0.5000, best 0.5000 at 7'),
    });
    expect(rowsOf(table, 'Metrics')['speed']?.cells[1]?.value).toBeUndefined();
  });

  it('says what had ended when an experiment compares itself, and where others stopped', () => {
    const stage = (id: string, status: 'ran' | 'reused' | 'running' | 'failed' | 'pending') => ({
      id,
      use: id,
      version: 1,
      status,
      startedAt: null,
      ms: null,
      report: null,
      reason: null,
    });
    const own = (...rest: ReturnType<typeof stage>[]) =>
      experiment(1, {
        status: 'running',
        stages: [stage('data', 'reused'), stage('train', 'ran'), stage('compare', 'running'), ...rest],
      });
    const notes = (...experiments: Parameters<typeof compareExperiments>[0]) =>
      compareExperiments(experiments, { all: true, current: 'exp-1' }).notes;
    const failed = experiment(2, {
      status: 'failed',
      stages: [stage('data', 'ran'), stage('train', 'failed')],
    });
    expect(notes(own(stage('gif', 'pending')), failed)).toEqual([
      'exp-1 made this comparison while it ran: data, train had ended, gif had yet to run, and its numbers are those up to then.',
      'exp-2 failed in train: its numbers end where it stopped.',
    ]);
    expect(notes(own(), experiment(3))[0]).toContain('data, train had ended, nothing was to follow, and');
  });

  it('marks nothing where experiments disagree on the direction', () => {
    const table = compareExperiments(
      [
        experiment(1, { metrics: { m: metric(1, { direction: 'max' }) } }),
        experiment(2, { metrics: { m: metric(2, { direction: 'min' }) } }),
      ],
      { all: false },
    );
    expect(texts(table, 'Metrics')['m']).toEqual(['1', '2']);
  });

  it('shows how long each stage took, and how it ended where it did not run to its end', () => {
    const stage = (
      id: string,
      status: 'ran' | 'reused' | 'failed' | 'skipped' | 'pending',
      ms: number | null,
    ) => ({
      id,
      use: id,
      version: 1,
      status,
      startedAt: null,
      ms,
      report: null,
      reason: null,
    });
    const table = compareExperiments(
      [
        experiment(1, { stages: [stage('data', 'ran', 1234), stage('train', 'ran', 250_000)] }),
        experiment(2, {
          stages: [
            stage('data', 'reused', 12),
            stage('train', 'failed', 61_000),
            stage('gif', 'pending', null),
          ],
        }),
        experiment(3, { stages: [stage('data', 'skipped', null)] }),
      ],
      { all: false },
    );
    expect(texts(table, 'Stage times')).toEqual({
      data: ['1.2 s', '0.0 s (reused)', 'skipped'],
      train: ['4 min 10 s', '1 min 1 s (failed)', '–'],
      gif: ['–', '–', '–'],
    });
  });

  it('tells of states and pipelines that make a difference', () => {
    const dcgan = { name: 'dcgan', file: 'dcgan.yaml', sha256: '', resolvedSha256: '' };
    const { notes } = compareExperiments(
      [
        experiment(1),
        experiment(2, { status: 'running', pipeline: dcgan }),
        experiment(3, { status: 'crashed' }),
        experiment(4, { status: 'failed' }),
        experiment(5, { status: 'interrupted' }),
      ],
      { all: false },
    );
    expect(notes).toEqual([
      'They are of different pipelines: cgan, dcgan.',
      'All parameters are equal.',
      'exp-2 is still running: its numbers are those so far.',
      'exp-3 crashed: its numbers end where it stopped.',
      'exp-4 failed: its numbers end where it stopped.',
      'exp-5 was interrupted: its numbers end where it stopped.',
    ]);
  });

  it('shows one experiment whole, and one that is named twice once', () => {
    const one = experiment(1, { parameters: { 'train.epochs': 20 } });
    const table = compareExperiments([one, one], { all: false });
    expect(table.heads).toEqual(['exp-1']);
    expect(texts(table, 'Parameters')).toEqual({ 'train.epochs': ['20'] });
    expect(table.notes).toEqual([
      'exp-1 was named more than once; it is shown once.',
      'There is one experiment only: nothing to compare it with.',
    ]);
  });

  it('shows what differs in code and machine', () => {
    const git = { commit: '0123456789abcdef', branch: 'main', dirty: true };
    const table = compareExperiments([experiment(1), experiment(2, { git, seed: 7 })], { all: false });
    expect(texts(table, 'Experiment')).toMatchObject({
      pipeline: ['cgan', 'cgan'],
      status: ['finished', 'finished'],
      time: ['4 min 10 s', '4 min 10 s'],
      seed: ['42', '7'],
      commit: ['–', '0123456789 + changes'],
    });
    expect(rowsOf(table, 'Experiment')).not.toHaveProperty('CPU');
  });
});
