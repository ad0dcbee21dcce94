import { describe, expect, it } from 'vitest';
import { brief, briefly, loadText, problemsOf, projectWith, stageOf, valid } from './rig.ts';

const training = (...params: readonly string[]) =>
  `name: x\nstages:\n  - use: train\n    params:\n${params.map(line => `      ${line}\n`).join('')}`;

const data = (params: string) => `name: x\nstages:\n  - use: load-cifar\n    params: { ${params} }\n`;

describe('a parameter that has no effect beside another', () => {
  it('is no parameter of the stage', async () => {
    const both = valid(await loadText(training('iterations: 100')));
    expect(stageOf(both, 'train').params).not.toHaveProperty('epochs');
    expect(stageOf(both, 'train').ignored).toContain('epochs');
    expect(both.resolvedText).not.toContain('epochs');
    const alone = valid(await loadText(training('batchSize: 8')));
    expect(stageOf(alone, 'train').params).toMatchObject({ epochs: 20 });
    expect(alone.resolvedText).toContain('epochs: 20');
  });

  it('is a mistake where it is set on the command line, with what would work', async () => {
    const result = await loadText(training('iterations: 100'), { set: ['train.epochs=3'] });
    expect(briefly(result)).toEqual([
      'command line:1:13 [epochs] parameter "epochs" of stage "train" has no effect: iterations is 100',
    ]);
    expect(problemsOf(result)[0]).toMatchObject({
      code: 'no-effect',
      hint: 'set train.iterations instead, or unset it: --set train.iterations=null',
    });
    const set = ['train.epochs=3', 'train.iterations=null'];
    expect(
      stageOf(valid(await loadText(training('iterations: 100'), { set })), 'train').params,
    ).toMatchObject({
      epochs: 3,
    });
  });

  it('is warned of at its place where a file sets both', async () => {
    const { warnings } = valid(await loadText(training('epochs: 3', 'iterations: 100')));
    expect(warnings.map(brief)).toEqual([
      'p.yaml:5:7 [epochs] parameter "epochs" of stage "train" has no effect: iterations is 100',
    ]);
    expect(warnings[0]).toMatchObject({ severity: 'warning' });
  });

  it('is warned of where a file sets it over its base, and not where it is the base’s', async () => {
    const base = { 'iterations.yaml': training('iterations: 100'), 'epochs.yaml': training('epochs: 3') };
    const extending = (file: string, params: string) =>
      `name: y\nextends: ${file}\nstages:\n  - id: train\n    params: { ${params} }\n`;
    const over = valid(await loadText(extending('iterations.yaml', 'epochs: 4'), {}, base));
    expect(over.warnings.map(brief)).toEqual([
      'p.yaml:5:15 [epochs] parameter "epochs" of stage "train" has no effect: iterations is 100',
    ]);
    const under = valid(await loadText(extending('epochs.yaml', 'iterations: 7'), {}, base));
    expect(under.warnings).toEqual([]);
    const set = valid(await loadText(training('epochs: 3'), { set: ['train.iterations=7'] }));
    expect(set.warnings).toEqual([]);
  });

  it('is told what it counts with', async () => {
    const { warnings } = valid(await loadText(training('optimizer: sgd', 'beta1: 0.9')));
    expect(warnings.map(brief)).toEqual([
      'p.yaml:6:7 [beta1] parameter "beta1" of stage "train" has no effect: optimizer is "sgd"',
    ]);
    expect(warnings[0]?.hint).toBe('it counts with optimizer: adam or adamw');
  });

  it.each([
    ['count: 5', 'count', 'source is "auto"'],
    ['source: synthetic, count: 5, limit: 3', 'count', 'limit is 3'],
    ['source: synthetic, count: 5, limit: 8', 'limit', 'count is 5'],
  ])('load-cifar with { %s }', async (params, name, because) => {
    const pipeline = valid(await loadText(data(params)));
    expect(pipeline.warnings.map(({ message }) => message)).toEqual([
      `parameter "${name}" of stage "load-cifar" has no effect: ${because}`,
    ]);
    expect(stageOf(pipeline, 'load-cifar').params).not.toHaveProperty(name);
  });

  it('the range of normalize beside mean and std', async () => {
    const text = 'name: x\nstages:\n  - use: normalize\n    params: { range: [0, 1], mean: 0.5, std: 0.2 }\n';
    const pipeline = valid(await loadText(text));
    expect(pipeline.warnings.map(({ message }) => message)).toEqual([
      'parameter "range" of stage "normalize" has no effect: mean is 0.5',
    ]);
    expect(stageOf(pipeline, 'normalize').params).toEqual({ mean: 0.5, std: 0.2 });
  });
});

describe('null', () => {
  const base = {
    'base.yaml': training('iterations: 100', 'discriminatorLearningRate: 0.1', 'checkpoint: { keep: 7 }'),
  };

  it('unsets what a base sets: a parameter is absent, or has its default', async () => {
    const text =
      'name: y\nextends: base.yaml\nstages:\n  - id: train\n    params: { iterations: null, discriminatorLearningRate: ~, checkpoint: { keep: null } }\n';
    const pipeline = valid(await loadText(text, {}, base));
    const { params } = stageOf(pipeline, 'train');
    expect(params).toMatchObject({ epochs: 20, checkpoint: { keep: 2 } });
    expect(Object.keys(params)).not.toContain('discriminatorLearningRate');
    expect(Object.keys(params)).not.toContain('iterations');
    expect(pipeline.resolvedText).not.toContain('null');
  });

  it('also on the command line, and in a layer of a network', async () => {
    const { load } = await projectWith({
      'p.yaml': 'name: x\nstages: [{ use: build-model, params: { model: net.yaml } }]\n',
      'net.yaml': `latent: 4
generator: { layers: [{ use: leakyReLU, alpha: 0.1 }] }
discriminator: { layers: [{ use: flatten }] }
`,
    });
    const pipeline = valid(
      await load({
        set: ['build-model.model.generator.layers.0.alpha=null', 'build-model.model.latent=null'],
      }),
    );
    expect(stageOf(pipeline, 'build-model').params['model']).toMatchObject({
      latent: 100,
      generator: { layers: [{ use: 'leakyReLU', alpha: 0.3 }] },
    });
  });

  it('of a parameter that must be there is a mistake, and so is a key with nothing after it', async () => {
    const missing = 'name: x\nstages:\n  - use: build-model\n    params: { model: null }\n';
    expect(briefly(await loadText(missing))).toEqual([
      'p.yaml:4:22 [null] parameter "model" of stage "build-model" has the wrong type',
    ]);
    expect(briefly(await loadText(training('iterations:')))).toEqual([
      'p.yaml:5:7 [iterations] parameter "iterations" of stage "train" has the wrong type',
    ]);
  });
});

describe('a variable that nothing refers to', () => {
  const text =
    'name: x\nvars:\n  steps: 3\n  twice: ${steps}\n  used: 7\nstages: [{ use: train, params: { epochs: "${used}" } }]\n';

  it('is warned of, also where only such a one refers to it', async () => {
    expect(valid(await loadText(text)).warnings.map(brief)).toEqual([
      'p.yaml:3:3 [steps] variable "steps" has no effect: nothing refers to it',
      'p.yaml:4:3 [twice] variable "twice" has no effect: nothing refers to it',
    ]);
    const child = 'name: y\nextends: base.yaml\n';
    expect(valid(await loadText(child, {}, { 'base.yaml': text })).warnings).toEqual([]);
  });

  it('is a mistake where it is set on the command line', async () => {
    expect(briefly(await loadText(text, { set: ['vars.steps=5'] }))).toContain(
      'command line:1:12 [steps] variable "steps" has no effect: nothing refers to it',
    );
    expect(
      valid(
        await loadText(text.replace('epochs: "${used}"', 'epochs: "${twice}"'), { set: ['vars.steps=5'] }),
      ).warnings,
    ).toHaveLength(1);
  });
});

describe('a broken ignores', () => {
  const stage = (ignores: string) => ({
    'mine.ts': `
      import { defineStage, Type } from 'pipe';
      export default defineStage({
        name: 'mine', version: 1, summary: 'Mine.', inputs: {}, outputs: {},
        params: Type.Object({ n: Type.Integer({ default: 2, description: 'A number.' }) }),
        ignores: ${ignores},
        run: async () => ({}),
      });`,
  });
  const text = 'name: x\nstages: [{ use: ./mine.ts }]\n';

  it('is the stage’s failure, at its place', async () => {
    expect(briefly(await loadText(text, {}, stage('() => { throw new Error("oh"); }')))).toEqual([
      'p.yaml:2:17 [./mine.ts] the ignores of stage "mine" fails: oh',
    ]);
    expect(briefly(await loadText(text, {}, stage('() => ["n"] as never')))).toEqual([
      'p.yaml:2:17 [./mine.ts] the ignores of stage "mine" returns a list; expected a list of { path, because }',
    ]);
  });
});
