import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPlan } from '../../src/plan/load-plan.ts';
import { makeProject } from '../rig/pipe.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the pipelines of this repository', () => {
  it.each([
    'pipelines/dcgan.yaml',
    'pipelines/cgan.yaml',
    'pipelines/acgan.yaml',
    'pipelines/sngan.yaml',
    'pipelines/cgan-projection.yaml',
    'pipelines/resnet-gan.yaml',
    'pipelines/quickstart.yaml',
    'pipelines/gan.base.yaml',
  ])('%s can run', async file => {
    const result = await loadPlan(file, { cwd: root, env: {} });
    expect(result.ok ? result.plan.stages.map(({ id }) => id) : result.problems).toEqual([
      'load-cifar',
      'normalize',
      'build-model',
      'train',
      'sample',
      'gif',
      'held-out',
      ...(file === 'pipelines/quickstart.yaml' ? ['classifier'] : []),
      'score-reference',
      'evaluate',
      'compare',
    ]);
  });

  it.each(['pipelines/classifier.yaml', 'pipelines/reference-classifier.yaml'])('%s can run', async file => {
    const result = await loadPlan(file, { cwd: root, env: {} });
    expect(result.ok ? result.plan.stages.map(({ id }) => id) : result.problems).toEqual([
      ...['data', 'normalize', 'split-dataset', 'test', 'fit'],
      ...(file === 'pipelines/classifier.yaml' ? ['predict'] : []),
    ]);
  });

  it('dcgan and cgan differ in the model and in what they are compared with, and in nothing else', async () => {
    const params = async (file: string) => {
      const result = await loadPlan(file, { cwd: root, env: {} });
      return result.ok ? Object.fromEntries(result.plan.stages.map(stage => [stage.id, stage.params])) : {};
    };
    const dcgan = await params('pipelines/dcgan.yaml');
    expect(await params('pipelines/cgan.yaml')).toEqual({
      ...dcgan,
      'build-model': { model: 'cgan' },
      compare: { ...dcgan['compare'], with: ['latest:dcgan'] },
    });
  });
});

it('a missing input names the built-in stages that make it', async () => {
  const { dir } = await makeProject({ 'p.yaml': 'name: x\nstages:\n  - use: gif\n' });
  const result = await loadPlan('p.yaml', { cwd: dir, env: {} });
  expect(result).toMatchObject({
    ok: false,
    problems: [{ code: 'missing-input', hint: 'add a stage that makes it before: train' }],
    sources: [`${dir}/p.yaml`],
  });
});
