/** Mistakes in what is to be drawn, found before anything runs. */
import { describe, expect, test } from 'vitest';
import { loadPlan } from '../../src/plan/load-plan.ts';
import { brief } from '../config/rig.ts';
import { makeProject } from '../rig/pipe.ts';
import { drawFrom, trainedModel } from '../rig/tiny-generator.ts';

/** What is found in a pipeline whose last stage samples with these parameters, on line 7. */
async function found(model: 'cgan' | 'dcgan', params: string): Promise<readonly string[]> {
  const stages = [
    '{ use: load-cifar, params: { source: synthetic, count: 40 } }',
    'use: normalize',
    `{ use: build-model, params: { model: ${model} } }`,
    'use: train',
    `{ use: sample, params: { ${params} } }`,
  ];
  const text = `name: x\nstages:\n${stages.map(stage => `  - ${stage}\n`).join('')}`;
  const project = await makeProject({ 'p.yaml': text });
  const result = await loadPlan('p.yaml', { cwd: project.dir, env: {} });
  return (result.ok ? result.plan.pipeline.warnings : result.problems).map(brief);
}

describe('sampling is refused, at the place of the mistake,', () => {
  test.each<[string, 'cgan' | 'dcgan', string, string]>([
    [
      'of classes without labels',
      'dcgan',
      'classes: [disc]',
      '[classes] the model takes no labels: it cannot draw the classes asked for',
    ],
    [
      'of shared noise without classes',
      'dcgan',
      'noise: shared',
      '[shared] the model takes no labels: there are no classes that could share noise',
    ],
    [
      'between classes without labels',
      'dcgan',
      'interpolate: classes',
      '[classes] the model takes no labels: it draws nothing between classes',
    ],
    [
      'between classes without labels, in rows',
      'dcgan',
      'interpolate: { between: classes }',
      '[classes] the model takes no labels: it draws nothing between classes',
    ],
    [
      'between one class',
      'cgan',
      'interpolate: classes, classes: [disc]',
      '[classes] an interpolation between classes takes two of them or more, and classes names one',
    ],
    [
      'of a class that is not there',
      'cgan',
      'interpolate: classes, classes: [disc, rnig]',
      '[rnig] there is no class "rnig"',
    ],
    [
      'along one image',
      'cgan',
      'interpolate: noise, count: 1',
      '[1] an interpolation has two ends, and its rows are to have 1 image',
    ],
    [
      'along too many images',
      'cgan',
      'interpolate: noise, count: 1000',
      '[1000] a row of an interpolation has at most 200 images, and count is 1000',
    ],
    [
      'with noise truncated to nothing',
      'cgan',
      'truncation: 0.001',
      '[0.001] parameter "truncation" of stage "sample" is out of range',
    ],
    [
      'with noise truncated to less than nothing',
      'cgan',
      'truncation: -1',
      '[-1] parameter "truncation" of stage "sample" is out of range',
    ],
    [
      'with truncation that cuts off nothing',
      'cgan',
      'truncation: 50',
      '[50] parameter "truncation" of stage "sample" is out of range',
    ],
    [
      'between unknown things',
      'cgan',
      'interpolate: labels',
      '[labels] parameter "interpolate" of stage "sample" has an unknown value',
    ],
    [
      'with a column number beside',
      'cgan',
      'interpolate: noise, columns: 4',
      '[columns] parameter "columns" of stage "sample" has no effect: interpolate is "noise"',
    ],
  ])('%s', async (_, model, params, problem) => {
    const problems = await found(model, params);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.replace(/^p\.yaml:7:\d+ /, '')).toBe(problem);
  });

  test.each<['cgan' | 'dcgan', string]>([
    ['cgan', 'noise: own, seed: 0, truncation: 0.04'],
    ['cgan', 'interpolate: classes, noise: own'],
    ['cgan', 'interpolate: { between: noise, rows: 3 }, count: 200'],
    ['dcgan', 'noise: own, interpolate: noise, truncation: 5'],
  ])('and accepted of %s with %s', async (model, params) => {
    expect(await found(model, params)).toEqual([]);
  });
});

test('the model of an earlier experiment is looked at when it is there', async () => {
  const model = await trainedModel(['a', 'b'], { conditional: false });
  await expect(drawFrom(model, { interpolate: 'classes' })).rejects.toMatchObject({
    code: 'interpolation-without-labels',
    exitCode: 2,
    message: 'sample: the model takes no labels: it draws nothing between classes',
    hint: 'set interpolate: noise, or train a conditional model such as cgan',
  });
  const single = await trainedModel(['a']);
  await expect(drawFrom(single, { interpolate: { between: 'classes' } })).rejects.toMatchObject({
    code: 'interpolation-of-one-class',
    message: 'sample: an interpolation between classes takes two of them or more, and the model has one',
  });
});
