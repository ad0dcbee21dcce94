import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/core/nearest.ts';
import { briefly, loadText, painting, problemsOf, type LoadSettings } from './rig.ts';

/** The first problem's suggestion and hint. */
async function advice(
  text: string,
  settings: LoadSettings = {},
  files: Readonly<Record<string, string>> = {},
) {
  const [problem] = problemsOf(await loadText(text, settings, files));
  return { suggestion: problem?.suggestion, hint: problem?.hint };
}

const nothing = { suggestion: undefined, hint: undefined };

describe('the nearest name', () => {
  it.each([
    ['epoch', ['epochs', 'every'], 'epochs'],
    ['Epochs', ['epochs'], 'epochs'],
    ['dgo', ['dog', 'cat'], 'dog'],
    ['NOPE', ['HOME', 'NODE'], 'NODE'],
    ['NOPE', ['HOME'], undefined],
    ['sampel', ['sample'], 'sample'],
    ['gan', ['gif', 'gate'], undefined],
    ['a', ['b', 'c'], undefined],
    ['same', ['same'], undefined],
    ['x'.repeat(65), ['x'.repeat(64)], undefined],
    ['anything', [], undefined],
  ])('to %s among %j is %s', (name, known, expected) => {
    expect(nearest(name, known)).toBe(expected);
  });
});

describe('a file that is no pipeline', () => {
  const networks = 'name: n\nlatent: 8\ngenerator:\n  layers: []\ndiscriminator:\n  layers: []\n';

  it('but describes networks is one mistake, which says what such a file is for', async () => {
    const result = await loadText(networks);
    expect(briefly(result)).toEqual([
      'p.yaml:3:1 [generator] p.yaml describes networks and is not a pipeline',
    ]);
    expect(problemsOf(result)[0]?.hint).toBe(
      'name it in a pipeline: { use: build-model, params: { model: p.yaml } }',
    );
  });

  it('as its path is empty, is named all the same', async () => {
    const [problem] = problemsOf(await loadText('', { file: '' }));
    expect(problem?.message).toBe('"" is not a file');
  });
});

describe('what was probably meant', () => {
  it('is never the file itself', async () => {
    expect(await advice('extends: q.yaml\nname: x\n')).toEqual(nothing);
    expect(await advice(painting('model: q.yaml'))).toEqual(nothing);
    expect(await advice(painting('model: q.yaml'), {}, { 'r.yaml': '' })).toEqual({
      ...nothing,
      suggestion: 'r.yaml',
    });
  });

  it('is a file of the same kind', async () => {
    const files = { 'nets.ts': '', 'nets/a.yaml': '', 'tin.d.ts': '', 'tin.yaml': '', 'tin/x': '' };
    expect(await advice(painting('model: net.yaml'), {}, files)).toEqual(nothing);
    expect(await advice('name: x\nstages: [{ use: ./tin.ts }]\n', {}, files)).toEqual(nothing);
    expect(await advice('name: x\nstages: [{ use: ./tin.ts }]\n', {}, { ...files, 'tint.mts': '' })).toEqual({
      ...nothing,
      suggestion: 'tint.mts',
    });
    expect(await advice('', { file: 'p' }, files)).toEqual({ ...nothing, suggestion: 'p.yaml' });
  });

  it('of a stage’s name is its file, where there is one', async () => {
    expect(await advice('name: x\nstages: [{ use: paint }]\n')).toEqual({
      ...nothing,
      suggestion: './paint.ts',
    });
    expect(await advice('name: x\nstages: [{ use: ./gif.ts }]\n')).toEqual({
      ...nothing,
      hint: 'the built-in stage is written use: gif',
    });
  });

  it.each([
    ['sede=3', { suggestion: 'seed', expected: 'seed, name, vars.<name> or <stage id>.<parameter>' }],
    ['seed.x=3', { expected: 'paint', suggestion: undefined }],
    ['var.who=3', { suggestion: 'vars' }],
    ['epochs=3', { suggestion: undefined, hint: 'a parameter is set with its stage: --set paint.epochs=3' }],
    [
      'sample.every=3',
      { suggestion: undefined, hint: 'a parameter is set with its stage: --set paint.sample.every=3' },
    ],
  ])('by --set %s is of the kind that can be set so', async (setting, expected) => {
    const [problem] = problemsOf(await loadText(painting('epochs: 1'), { set: [setting] }));
    expect({ suggestion: undefined, ...problem }).toMatchObject(expected);
  });

  it('by a variable may be one of the environment', async () => {
    const env = { CIFAR_DIR: '/data' };
    expect(await advice(painting('title: ${CIFAR_DIR}'), { env })).toMatchObject({
      suggestion: 'env.CIFAR_DIR',
    });
    expect(await advice(painting('title: ${env.CIFAR_DRI}'), { env })).toMatchObject({
      suggestion: 'CIFAR_DIR',
    });
  });
});

describe('a mistake in a network’s file', () => {
  const inFile = async (content: string) =>
    briefly(await loadText(painting('model: net.yaml'), {}, { 'net.yaml': content }));

  it.each([
    [
      'what is missing from it',
      'latent: 3\n',
      ['net.yaml:1:1 [latent: 3] missing parameter "model.layers" of stage "paint"'],
    ],
    [
      'its being a list',
      '- use: dense\n',
      ['net.yaml:1:1 [- use: dense] parameter "model" of stage "paint" has the wrong type'],
    ],
    ['its being empty', '', ['net.yaml:1:1 [] parameter "model" of stage "paint" has the wrong type']],
    [
      'an unknown name',
      'layer: []\nlayers: [{ use: flatten }]\n',
      ['net.yaml:1:1 [layer] unknown parameter "model.layer" of stage "paint"'],
    ],
    [
      'too few',
      'layers: []\n',
      ['net.yaml:1:1 [layers] parameter "model.layers" of stage "paint" is out of range'],
    ],
    [
      'an unknown layer',
      'layers:\n  - use: dens\n',
      ['net.yaml:2:10 [dens] parameter "model.layers[0].use" of stage "paint" has an unknown value'],
    ],
  ])('is shown there: %s', async (_, content, expected) => {
    expect(await inFile(content)).toEqual(expected);
  });
});
