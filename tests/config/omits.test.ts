import { describe, expect, it } from 'vitest';
import { briefly, loadText, stageOf, valid } from './rig.ts';

const text = (params = '') => `name: x\nstages: [{ use: ./mine.ts, params: { ${params} } }]\n`;

const stage = (omits: string, borrows = '() => []') => ({
  'mine.ts': `
    import { defineStage, Type } from 'pipe';
    export default defineStage({
      name: 'mine', version: 1, summary: 'Mine.',
      inputs: { dataset: { kind: 'dataset', description: 'Data.', optional: true } },
      outputs: {
        always: { kind: 'files', description: 'Always.' },
        more: { kind: 'files', description: 'Perhaps.', omittable: true },
      },
      params: Type.Object({ more: Type.Boolean({ default: false, description: 'More.' }) }),
      omits: ${omits},
      borrows: ${borrows},
      run: async () => ({}) as never,
    });`,
});

describe('what a stage’s parameters leave out', () => {
  const omits = stage("({ more }) => (more ? [] : [{ output: 'more', because: ['more'] }])");

  it('follows from their values', async () => {
    const omittedWith = async (params: string) =>
      stageOf(valid(await loadText(text(params), {}, omits)), 'mine').omitted;
    expect(await omittedWith('')).toEqual([{ output: 'more', because: ['more'] }]);
    expect(await omittedWith('more: true')).toBeUndefined();
  });

  it.each([
    ['() => { throw new Error("oh"); }', 'fails: oh'],
    ['() => ["more"] as never', 'returns a list; expected a list of { output, because }'],
    ["() => [{ because: ['more'] }]", 'returns a list; expected a list of { output, because }'],
    [
      "() => [{ output: 'always', because: ['more'] }]",
      'leaves out output "always", which is not declared omittable',
    ],
    [
      "() => [{ output: 'most', because: ['more'] }]",
      'leaves out output "most", which is not declared omittable',
    ],
  ])('is the stage’s failure, at its place: %s', async (broken, words) => {
    expect(briefly(await loadText(text(), {}, stage(broken)))).toEqual([
      `p.yaml:2:28 [params] the omits of stage "mine" ${words}`,
    ]);
  });
});

describe('the inputs that a stage borrows', () => {
  it('follow from its parameters', async () => {
    const borrowed = [{ input: 'dataset', experiment: 'exp-3', because: ['more'] }];
    const borrows = `({ more }) => (more ? ${JSON.stringify(borrowed)} : [])`;
    const borrowedWith = async (params: string) =>
      stageOf(valid(await loadText(text(params), {}, stage('() => []', borrows))), 'mine').borrowed;
    expect(await borrowedWith('more: true')).toEqual(borrowed);
    expect(await borrowedWith('')).toBeUndefined();
  });

  it.each(['() => [{}] as never', "() => [{ input: 'images', experiment: 'exp-3', because: ['more'] }]"])(
    'are the stage’s failure, at its place, where they are none: %s',
    async borrows => {
      expect(briefly(await loadText(text(), {}, stage('() => []', borrows)))).toEqual([
        'p.yaml:2:28 [params] the borrows of stage "mine" returns a list; expected a list of { input, experiment, because }, with inputs of the stage',
      ]);
    },
  );
});
