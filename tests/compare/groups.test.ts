import { describe, expect, it } from 'vitest';
import { compareGroups, groupLabels, type GroupOptions } from '../../src/compare/groups/compare-groups.ts';
import { groupKeys } from '../../src/compare/groups/group.ts';
import { renderGroupsJson } from '../../src/compare/groups/render-json.ts';
import { renderCsv } from '../../src/compare/render-csv.ts';
import { renderMarkdown } from '../../src/compare/render-markdown.ts';
import { renderTerminal } from '../../src/compare/render-terminal.ts';
import type { ComparedExperiment } from '../../src/compare/table.ts';
import type { MetricSummary } from '../../src/core/experiment.ts';
import { experiment, metric } from './experiments.ts';

const CIFAR = 'pipe-cifar10@1a2b3c4d/10000x10000/uint8';

const kid = (value: number, changes: Partial<MetricSummary> = {}) =>
  metric(value, { direction: 'min', stage: 'evaluate', count: 1, protocol: CIFAR, ...changes });

interface Runs {
  readonly pipeline?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly seeds?: readonly number[];
  readonly values: readonly number[];
  readonly measured?: (value: number, index: number) => Readonly<Record<string, MetricSummary>>;
}

/** Experiments of several groups, numbered from 1. */
function runsOf(...groups: readonly Runs[]): ComparedExperiment[] {
  let number = 0;
  return groups.flatMap(({ pipeline = 'cgan', parameters = {}, seeds = [1, 2, 3, 4, 5], values, measured }) =>
    values.map((value, index) =>
      experiment(++number, {
        pipeline: { name: pipeline, file: '', sha256: 'a', resolvedSha256: 'b' },
        parameters: { 'train.epochs': 20, ...parameters },
        seed: seeds[index] ?? index,
        createdAt: `2026-10-02T12:00:0${number}.000Z`,
        metrics: measured?.(value, index) ?? { kid: kid(value) },
      }),
    ),
  );
}

/** The article's two models, three seeds each. */
const dcgan: Runs = { pipeline: 'dcgan', values: [0.0405, 0.0431, 0.0398] };
const cgan: Runs = { values: [0.0301, 0.0322, 0.0295] };

const compare = (experiments: readonly ComparedExperiment[], options: Partial<GroupOptions> = {}) =>
  compareGroups(experiments, [], { keys: ['pipeline'], all: false, ...options });

/** Sentences of a section by column. */
function verdicts(
  experiments: readonly ComparedExperiment[],
  options: Partial<GroupOptions> = {},
  title = /^Against/,
) {
  const { table } = compare(experiments, options);
  const section = table.sections.find(each => title.test(each.title));
  return Object.fromEntries(
    (section?.rows ?? []).flatMap(({ name, cells }) =>
      cells.map(({ text }, index) => [`${name} of ${table.heads[index] ?? ''}`, text]),
    ),
  );
}

const means = (experiments: readonly ComparedExperiment[], options: Partial<GroupOptions> = {}) =>
  compare(experiments, options)
    .table.sections.find(({ title }) => title === 'Metrics')
    ?.rows.map(({ name, cells }) => [name, ...cells.map(({ text, best }) => (best ? `${text} *` : text))]);

const notes = (experiments: readonly ComparedExperiment[], options: Partial<GroupOptions> = {}) =>
  compare(experiments, options).table.notes;

describe('repeats, compared by groups', () => {
  it('have a mean with its interval and n, and a verdict in words', () => {
    expect(means(runsOf(dcgan, cgan))).toEqual([['kid', '0.041 ± 0.004 (n = 3)', '0.031 ± 0.004 (n = 3) *']]);
    expect(verdicts(runsOf(dcgan, cgan))).toEqual({
      'kid of dcgan': 'baseline',
      'kid of cgan': 'better by 26%, 95% interval 24–28%, 3 seeds each',
    });
    expect(verdicts(runsOf(cgan, dcgan))).toMatchObject({
      'kid of dcgan': 'worse by 34%, 95% interval 32–37%, 3 seeds each',
    });
  });

  it('are told from noise, and no star is on a difference that is not', () => {
    const noisy = runsOf(dcgan, { values: [0.0401, 0.0322, 0.0395] });
    expect(
      means(noisy)?.[0]
        ?.slice(1)
        .some(text => text.includes('*')),
    ).toBe(false);
    expect(verdicts(noisy)['kid of cgan']).toBe(
      'inconclusive: the difference is smaller than the noise, from 27% worse to 46% better, 3 seeds each',
    );
  });

  it('are paired by seed where both groups have the same ones, in any order', () => {
    const reversed = { ...cgan, seeds: [3, 2, 1], values: [0.0295, 0.0322, 0.0301] };
    expect(verdicts(runsOf(dcgan, reversed))).toEqual(verdicts(runsOf(dcgan, cgan)));
    const others = { ...cgan, seeds: [1, 2, 4] };
    expect(verdicts(runsOf(dcgan, others))['kid of cgan']).toBe(
      'better by 26%, 95% interval 17–34%, 3 runs each',
    );
    const more = { values: [0.0301, 0.0322, 0.0295, 0.031] };
    expect(verdicts(runsOf(dcgan, more))['kid of cgan']).toMatch(/, 4 and 3 runs$/);
  });

  it('cannot be told apart by one run each', () => {
    const single = runsOf({ ...dcgan, values: [0.04] }, { ...cgan, values: [0.03] });
    expect(means(single)).toEqual([['kid', '0.04000 (n = 1)', '0.03000 (n = 1)']]);
    expect(verdicts(single)['kid of cgan']).toBe('unknown: one run each cannot tell a difference from noise');
    expect(verdicts(runsOf(dcgan, { ...cgan, values: [0.03] }))['kid of cgan']).toBe(
      'unknown: one run cannot tell a difference from noise',
    );
  });

  it('are better upwards where that is the direction, with the best value of each run and its step', () => {
    const accuracy = (value: number): Readonly<Record<string, MetricSummary>> => ({
      accuracy: metric(value - 0.1, { direction: 'max', max: value, min: 0.1, maxStep: 7 }),
    });
    const experiments = runsOf(
      { ...dcgan, values: [0.5, 0.52], measured: accuracy },
      { ...cgan, values: [0.75, 0.78], measured: accuracy },
    );
    expect(verdicts(experiments)['accuracy of cgan']).toMatch(/^better by 50%/);
    const { rows = [] } =
      compare(experiments, { all: true }).table.sections.find(each => each.title === 'Metrics') ?? {};
    expect(rows.map(({ name, cells }) => [name, ...cells.map(({ text }) => text)])).toEqual([
      ['accuracy', '0.51 ± 0.13 (n = 2)', '0.77 ± 0.19 (n = 2)'],
      ['accuracy, best run', '0.5200 at 7 (exp-2)', '0.7800 at 7 (exp-4)'],
    ]);
  });

  it('have a mean and no verdict where a metric has no direction', () => {
    const loss = (value: number) => ({ loss: metric(value) });
    const experiments = runsOf(
      { ...dcgan, values: [0.5, 0.52], measured: loss },
      { ...cgan, values: [0.7, 0.71], measured: loss },
    );
    expect(means(experiments)).toEqual([['loss', '0.51 ± 0.13 (n = 2)', '0.70 ± 0.06 (n = 2)']]);
    expect(verdicts(experiments)).toEqual({});
  });

  it('are never pooled over protocols', () => {
    const other = {
      ...cgan,
      pipeline: 'sngan',
      measured: (value: number) => ({ kid: kid(value, { protocol: 'other' }) }),
    };
    expect(means(runsOf(dcgan, cgan, other))).toEqual([
      ['kid', '0.041 ± 0.004 (n = 3)', '0.031 ± 0.004 (n = 3) *', '–'],
      ['kid', '–', '–', '0.031 ± 0.004 (n = 3)'],
    ]);
    expect(notes(runsOf(dcgan, cgan, other)).join()).toContain('measured differently');
  });

  it('tell nothing where a run has no number', () => {
    const experiments = runsOf(dcgan, { ...cgan, values: [0.03, NaN, 0.029] });
    expect(means(experiments)).toEqual([['kid', '0.041 ± 0.004 (n = 3)', 'NaN (n = 3)']]);
    expect(verdicts(experiments)['kid of cgan']).toBe('unknown: exp-5 has no number');
  });

  it('say where all runs are equal, and by how much in numbers where the baseline is 0', () => {
    expect(verdicts(runsOf({ ...dcgan, values: [0.5, 0.5] }, { ...cgan, values: [0.5, 0.5] }))).toMatchObject(
      {
        'kid of cgan': 'equal in all runs, 2 seeds each',
      },
    );
    expect(verdicts(runsOf({ ...dcgan, values: [0, 0] }, { ...cgan, values: [-0.5, -0.5] }))).toMatchObject({
      'kid of cgan': 'better by 0.5, 95% interval 0.5–0.5, 2 seeds each',
    });
  });

  it('show no bound as 0 that is not', () => {
    const barely = runsOf({ ...dcgan, values: [0.5, 0.5, 0.5] }, { ...cgan, values: [0.45, 0.46, 0.478] });
    expect(verdicts(barely)['kid of cgan']).toBe('better by 7%, 95% interval 0.4–15%, 3 seeds each');
  });

  it('of three groups are compared with the best one as well', () => {
    const sngan = { pipeline: 'sngan', values: [0.0201, 0.0203, 0.0199] };
    const experiments = runsOf(dcgan, cgan, sngan);
    expect(verdicts(experiments, {}, /the best/)).toEqual({
      'kid of dcgan': expect.stringMatching(/^worse by \d+%, .* 3 seeds each$/) as string,
      'kid of cgan': expect.stringMatching(/^worse by \d+%, .* 3 seeds each$/) as string,
      'kid of sngan': 'best',
    });
    expect(verdicts(experiments, { baseline: 'sngan' })).toMatchObject({ 'kid of sngan': 'baseline' });
    expect(verdicts(experiments, { baseline: 'sngan' }, /the best/)).toEqual({});
  });
});

describe('groups', () => {
  const learningRates = runsOf(
    { ...cgan, parameters: { 'train.learningRate': 0.0002 } },
    { ...cgan, parameters: { 'train.learningRate': 0.001 } },
    { ...cgan, values: [0.05] },
  );

  it('are made by parameters, sweeps, points of sweeps, and several of these', () => {
    expect(groupLabels(learningRates, ['train.learningRate'])).toEqual([
      'learningRate 0.0002',
      'learningRate 0.001',
      'no learningRate',
    ]);
    expect(groupLabels(runsOf(dcgan, cgan), ['pipeline', 'train.epochs'])).toEqual([
      'dcgan, epochs 20',
      'cgan, epochs 20',
    ]);
    const trials = runsOf(cgan).map(({ record, status }, index) => ({
      status,
      record: { ...record, sweep: { id: 'sweep-2', point: Math.floor(index / 2) + 1, repeat: 1 } },
    }));
    expect(groupLabels(trials, ['sweep'])).toEqual(['sweep-2']);
    expect(groupLabels(trials, ['point'])).toEqual(['sweep-2/1', 'sweep-2/2']);
  });

  it('are also made by whole structures, each with a name of its own', () => {
    const own = (units: number) => ({ 'build-model.model.units': units, 'build-model.model.depth': 2 });
    const experiments = runsOf(
      { ...cgan, parameters: { 'build-model.model': 'cgan' } },
      { ...cgan, parameters: own(32) },
      { ...cgan, parameters: own(64) },
    );
    expect(groupLabels(experiments, ['build-model.model'])).toEqual([
      'model cgan',
      'model 2 values of its own',
      'model 2 values of its own (2)',
    ]);
    expect(groupKeys(experiments)).toEqual([
      ...['pipeline', 'sweep', 'point', 'train', 'train.epochs', 'build-model', 'build-model.model'],
      ...['build-model.model.units', 'build-model.model.depth'],
    ]);
  });

  it('say what else differs: within a group, which then holds no repeats, and among groups', () => {
    const mixed = runsOf(
      { ...dcgan, parameters: { 'train.batchSize': 32, 'split.seed': 1 } },
      { ...cgan, parameters: { 'train.batchSize': 64, 'split.seed': 2 } },
      { ...cgan, parameters: { 'train.batchSize': 64, 'train.epochs': 25, 'split.seed': 3 } },
    );
    expect(notes(mixed)).toEqual([
      'cgan mixes experiments that differ in train.epochs: they are no repeats of each other.',
    ]);
    const { sections } = compare(mixed).table;
    const others = sections.find(({ title }) => title === 'Other parameters that differ');
    expect(others?.rows.map(({ name, cells }) => [name, ...cells.map(({ text }) => text)])).toEqual([
      ['train.batchSize', '32', '64'],
    ]);
    expect(notes(runsOf(dcgan, cgan), { keys: ['train.epochs'] })).toEqual([
      'There is one group only: nothing to compare it with.',
      'epochs 20 mixes experiments that differ in pipeline: they are no repeats of each other.',
    ]);
  });

  it('count a run once that was made twice', () => {
    const twice = runsOf(dcgan, { ...cgan, seeds: [1, 2, 2, 2], values: [0.03, 0.031, 0.031, 0.031] });
    expect(notes(twice)).toEqual([
      'exp-5 and exp-6 have the seed and the parameters of exp-7: counted once.',
    ]);
    expect(means(twice)?.[0]?.[2]).toContain('(n = 2)');
  });

  it('name what is left out, as it has not finished', () => {
    const leftOut = [
      { id: 'exp-7', status: 'failed' },
      { id: 'exp-9', status: 'interrupted' },
    ] as const;
    expect(compareGroups(runsOf(dcgan), leftOut, { keys: ['pipeline'], all: false }).table.notes).toContain(
      '2 experiments have not finished and are left out: exp-7 (failed) and exp-9 (interrupted).',
    );
  });
});

describe('a comparison of groups', () => {
  it('fits a terminal of 80 columns', () => {
    const noisy = { pipeline: 'a-pipeline-of-its-own', values: [0.0401, 0.0322, 0.0395] };
    const { table } = compare(runsOf(dcgan, cgan, noisy));
    expect(renderTerminal(table, { columns: 80, color: false })).toBe(`\
             dcgan                  cgan                   a-pipeline-of-its-own

Groups
pipeline     dcgan                  cgan                   a-pipeline-of-its-own
experiments  exp-1, exp-2, exp-3    exp-4, exp-5, exp-6    exp-7, exp-8, exp-9
seeds        1, 2, 3                1, 2, 3                1, 2, 3
time         4 min 10 s             4 min 10 s             4 min 10 s

Metrics
kid (a)      0.041 ± 0.004 (n = 3)  0.031 ± 0.004 (n = 3)  0.037 ± 0.011 (n = 3)

Against dcgan
kid (a)
  cgan                   better by 26%, 95% interval 24–28%, 3 seeds each
  a-pipeline-of-its-own  inconclusive: the difference is smaller than the noise,
                           from 27% worse to 46% better, 3 seeds each

Against the best
kid (a)
  dcgan                  worse by 34%, 95% interval 32–37%, 3 seeds each
  a-pipeline-of-its-own  inconclusive: the difference is smaller than the noise,
                           from 69% worse to 25% better, 3 seeds each

±: 95% interval of the mean of n runs (Student’s t), each with its best value
(a) measured as ${CIFAR}
`);
  });

  it('has the same as Markdown and CSV', () => {
    const { table } = compare(runsOf(dcgan, cgan));
    const markdown = renderMarkdown(table);
    expect(markdown).toContain('# Comparison: dcgan, cgan\n');
    expect(markdown).toContain('| kid (a) | 0.041 ± 0.004 (n = 3) | **0.031 ± 0.004 (n = 3)** |\n');
    expect(markdown).toContain(
      '## Against dcgan\n\n|  | dcgan | cgan |\n| --- | --- | --- |\n| kid (a) | baseline | better by 26%, 95% interval 24–28%, 3 seeds each |\n',
    );
    const csv = renderCsv(table);
    expect(csv).toContain('section,name,unit,protocol,dcgan,cgan\r\n');
    expect(csv).toMatch(/Metrics,kid low,,pipe-cifar10@[^,]+,0\.0368\d+,0\.0270\d+\r\n/);
    expect(csv).toContain(`Metrics,kid n,,${CIFAR},3,3\r\n`);
  });

  it('has every number as JSON', () => {
    const document = JSON.parse(renderGroupsJson(compare(runsOf(dcgan, cgan)))) as object;
    expect(document).toMatchObject({
      groupBy: ['pipeline'],
      baseline: 'dcgan',
      groups: [
        {
          label: 'dcgan',
          by: { pipeline: 'dcgan' },
          experiments: ['exp-1', 'exp-2', 'exp-3'],
          seeds: [1, 2, 3],
        },
        { label: 'cgan' },
      ],
      metrics: [
        {
          name: 'kid',
          protocol: CIFAR,
          best: 'cgan',
          groups: [
            { n: 3, min: 0.0398, max: 0.0431, best: { id: 'exp-3', value: 0.0398 } },
            { n: 3, runs: [{ id: 'exp-4', seed: 1, value: 0.0301 }, {}, {}] },
          ],
          verdicts: [
            {
              group: 'cgan',
              against: 'dcgan',
              verdict: 'better',
              paired: true,
              text: 'better by 26%, 95% interval 24–28%, 3 seeds each',
            },
          ],
        },
      ],
      notes: [],
    });
  });
});
