import { describe, expect, it } from 'vitest';
import { briefly, loadText, problemsOf, projectWith, stageOf, valid } from './rig.ts';

const BASE = `seed: 5
vars: { n: 3, m: fast }
stages:
  - use: ./paint.ts
    id: first
    params: { epochs: "\${n}", mode: "\${m}", sample: { every: 7 }, tags: [a, b] }
  - use: ./paint.ts
    id: second
`;

describe('a pipeline that extends another', () => {
  it('overrides by id, merges parameters deeply, replaces lists and appends what is new', async () => {
    const own = `name: child
extends: base.yaml
vars: { n: 4 }
stages:
  - { use: ./paint.ts, id: third }
  - id: first
    params: { rate: 0.5, sample: {}, tags: [c] }
`;
    const pipeline = valid(await loadText(own, {}, { 'base.yaml': BASE }));
    expect(pipeline).toMatchObject({ name: 'child', seed: 5 });
    expect(pipeline.stages.map(({ id }) => id)).toEqual(['first', 'second', 'third']);
    expect(stageOf(pipeline, 'first').params).toMatchObject({
      epochs: 4,
      mode: 'fast',
      rate: 0.5,
      sample: { every: 7 },
      tags: ['c'],
    });
  });

  it('may chain, with files found beside the one that names them', async () => {
    const { load } = await projectWith({
      'a/top.yaml': 'name: top\nextends: ../b/middle.yaml\nstages: [{ id: second, params: { epochs: 9 } }]\n',
      'b/middle.yaml': 'extends: c/base.yaml\nstages: [{ id: first, params: { epochs: 8 } }]\n',
      'b/c/base.yaml': BASE.replaceAll('./paint.ts', '../../paint.ts'),
    });
    const pipeline = valid(await load({ file: 'a/top.yaml' }));
    expect(pipeline.stages.map(({ params }) => params['epochs'])).toEqual([8, 9]);
  });

  it('drops the base’s parameters with its stage when it uses another', async () => {
    const files = {
      'base.yaml': 'stages: [{ use: gif, id: first, params: { delay: 30 } }]\n',
    };
    const own = 'name: x\nextends: base.yaml\nstages: [{ use: ./paint.ts, id: first }]\n';
    expect(stageOf(valid(await loadText(own, {}, files)), 'first').use).toBe('./paint.ts');
  });

  it('shows a mistake in the base there, by a path from the working folder', async () => {
    const { load } = await projectWith({
      'sub/p.yaml': 'name: x\nextends: ../base.yaml\n',
      'base.yaml': BASE.replace('every: 7', 'every: 0'),
    });
    expect(briefly(await load({ file: 'sub/p.yaml' }))).toEqual([
      'base.yaml:6:62 [0] parameter "sample.every" of stage "first" is out of range',
    ]);
  });

  it('names an override of nothing', async () => {
    const own = 'name: x\nextends: base.yaml\nstages: [{ id: frist, params: {} }]\n';
    const result = await loadText(own, {}, { 'base.yaml': BASE });
    expect(briefly(result)).toEqual(['p.yaml:3:16 [frist] the base has no stage "frist"']);
    expect(problemsOf(result)[0]?.suggestion).toBe('first');
  });

  it('says which base is missing, and keeps watching for it', async () => {
    const { project, load } = await projectWith({
      'p.yaml': 'name: x\nextends: bse.yaml\n',
      'base.yaml': BASE,
    });
    const result = await load();
    expect(briefly(result)).toEqual(['p.yaml:2:10 [bse.yaml] no file bse.yaml']);
    expect(problemsOf(result)[0]?.suggestion).toBe('base.yaml');
    expect(result).toMatchObject({ sources: [project.path('p.yaml'), project.path('bse.yaml')] });
  });

  it('may not go round in a circle', async () => {
    const files = { 'a.yaml': 'extends: b.yaml\n', 'b.yaml': 'extends: sub/../p.yaml\n' };
    const result = await loadText('name: x\nextends: a.yaml\n', {}, files);
    expect(briefly(result)).toEqual(['b.yaml:1:10 [sub/../p.yaml] extends goes round in a circle']);
    expect(problemsOf(result)[0]?.found).toBe('p.yaml → a.yaml → b.yaml → p.yaml');
  });

  it('must name a file', async () => {
    expect(problemsOf(await loadText('name: x\nextends: [a]\n'))[0]).toMatchObject({
      message: 'extends names no file',
      found: 'a list',
    });
  });

  it('stops at a base with broken YAML, which is shown alone', async () => {
    const result = await loadText('name: x\nextends: base.yaml\n', {}, { 'base.yaml': 'stages: [\n' });
    expect(problemsOf(result).map(({ code, location }) => [location?.file, code])).toEqual([
      ['base.yaml', 'yaml-syntax'],
    ]);
  });
});
