import { describe, expect, it } from 'vitest';
import { brief, briefly, loadText, painting, problemsOf, projectWith, stageOf, valid } from './rig.ts';

describe('a pipeline file', () => {
  it('becomes stages with every parameter, defaults filled in at any depth', async () => {
    const pipeline = valid(
      await loadText(
        painting(
          'epochs: 3',
          'model:',
          '  layers:',
          '    - use: dense',
          '      units: 4',
          '    - use: flatten',
        ),
      ),
    );
    expect(pipeline).toMatchObject({ name: 'x', seed: 1, file: 'p.yaml' });
    expect(stageOf(pipeline, 'paint').params).toEqual({
      epochs: 3,
      rate: 0.1,
      mode: 'fast',
      shuffle: true,
      tags: [],
      sample: { every: 100 },
      model: { latent: 100, layers: [{ use: 'dense', units: 4, bias: true }, { use: 'flatten' }] },
    });
  });

  it('means the same whatever the order of its keys', async () => {
    const one = valid(await loadText(painting('epochs: 3', 'rate: 0.5')));
    const other = valid(await loadText(painting('rate: 0.5', '# half as fast', 'epochs: 3')));
    expect(JSON.stringify(stageOf(one, 'paint').params)).toBe(JSON.stringify(stageOf(other, 'paint').params));
    expect(other.resolvedText.replace(/use: .*/, '')).toBe(one.resolvedText.replace(/use: .*/, ''));
  });

  it('may leave an empty `params:` and have a stage twice under two ids', async () => {
    const text = 'name: x\nstages:\n  - use: ./paint.ts\n    params:\n  - { use: ./paint.ts, id: again }\n';
    expect(valid(await loadText(text)).stages.map(({ id, use }) => [id, use])).toEqual([
      ['paint', './paint.ts'],
      ['again', './paint.ts'],
    ]);
  });

  it('tells which files it was made from', async () => {
    const { project, load } = await projectWith({
      'p.yaml': 'extends: base/b.yaml\nname: x\n',
      'base/b.yaml': 'stages:\n  - use: ../paint.ts\n    params: { model: net.yaml }\n',
      'base/net.yaml': 'layers: [{ use: flatten }]\n',
    });
    const { sources, stages } = valid(await load());
    expect([...sources].sort()).toEqual(
      ['base/b.yaml', 'base/net.yaml', 'p.yaml', 'paint.ts'].map(file => project.path(file)),
    );
    expect(stages[0]?.files).toEqual([project.path('paint.ts')]);
  });

  it('resolves to one file that runs from anywhere and resolves to itself', async () => {
    const { project, load } = await projectWith({
      'sub/p.yaml': [
        'name: x',
        'seed: 7',
        'vars: { n: 3, dir: ../photos/cats }',
        'stages:',
        '  - use: ../paint.ts',
        '    params: { epochs: "${n}", source: "${dir}", title: "$${n} is ${n}, $5", model: ../net.yaml }',
        '',
      ].join('\n'),
      'photos/cats/1.txt': '',
      'net.yaml': 'layers: [{ use: dense, units: 2 }]\n',
    });
    const first = valid(await load({ file: 'sub/p.yaml', set: ['paint.rate=1e-7'] }));
    expect(stageOf(first, 'paint').params).toMatchObject({
      title: '${n} is 3, $5',
      source: '../photos/cats',
    });
    await project.write('elsewhere/deep/resolved.yaml', first.resolvedText);
    const second = valid(await load({ file: 'elsewhere/deep/resolved.yaml' }));
    expect(second.resolvedText).toBe(first.resolvedText);
    expect(stageOf(second, 'paint').params).toEqual({
      ...stageOf(first, 'paint').params,
      source: project.path('photos/cats'),
    });
    expect(second.seed).toBe(7);
  });
});

describe('variables', () => {
  const text = (vars: string, ...params: string[]) => `vars: ${vars}\n${painting(...params)}`;

  it('keep their type where they stand alone and become text where they do not', async () => {
    const { params } = stageOf(
      valid(
        await loadText(
          text(
            '{ n: 3, who: "${n} cats", list: [a, b] }',
            'epochs: ${n}',
            'title: for ${who}!',
            'tags: ${list}',
          ),
        ),
      ),
      'paint',
    );
    expect(params).toMatchObject({ epochs: 3, title: 'for 3 cats!', tags: ['a', 'b'] });
  });

  it('read the environment, numbers as numbers', async () => {
    const loaded = await loadText(painting('epochs: ${env.EPOCHS}', 'title: ${env.USER_NAME}'), {
      env: { EPOCHS: '5', USER_NAME: '12 monkeys' },
    });
    expect(stageOf(valid(loaded), 'paint').params).toMatchObject({ epochs: 5, title: '12 monkeys' });
  });

  it.each(['0123', '1.10', '1e3', '0x10', 'true', 'null', '~', 'yes', '+1', '2024-01-01', '.5', ' 7 ', ''])(
    'of the environment leave the text %j as it is, alone and within a text',
    async value => {
      const loaded = await loadText(
        `vars: { v: "\${env.V}" }\n${painting('title: "run-${env.V}"', 'tags: ["${env.V}", "<${v}>"]')}`,
        { env: { V: value } },
      );
      expect(stageOf(valid(loaded), 'paint').params).toMatchObject({
        title: `run-${value}`,
        tags: [value, `<${value}>`],
      });
    },
  );

  it.each([
    ['epochs', '010', 10],
    ['epochs', '0x10', 16],
    ['epochs', ' 7 ', 7],
    ['rate', '1e3', 1000],
    ['rate', '+1', 1],
    ['shuffle', 'false', false],
    ['size', '64', 64],
    ['mode', 'slow', 'slow'],
  ])('of the environment give %s, of another type, the value of %j', async (name, value, expected) => {
    const loaded = await loadText(painting(`${name}: "\${env.V}"`), { env: { V: value } });
    expect(stageOf(valid(loaded), 'paint').params[name]).toBe(expected);
  });

  it('of the environment are told as what the parameter takes them for', async () => {
    const problems = async (value: string) =>
      problemsOf(await loadText(painting('epochs: ${env.V}'), { env: { V: value } }));
    expect(await problems('0')).toMatchObject([{ code: 'out-of-range', found: '0' }]);
    expect(await problems('yes')).toMatchObject([{ code: 'wrong-type', found: '"yes"' }]);
    expect(await problems('true')).toMatchObject([{ code: 'wrong-type', found: '"true"' }]);
  });

  it('of the environment may be a name, a seed, an id and an input', async () => {
    const text = [
      'name: ${env.N}',
      'seed: ${env.N}',
      'stages:',
      '  - { use: ./paint.ts, id: "${env.N}" }',
      '',
    ].join('\n');
    const loaded = await loadText(text, { env: { N: '007' } });
    expect(valid(loaded)).toMatchObject({ name: '007', seed: 7, stages: [{ id: '007' }] });
  });

  it('of the file stand within a text as they are written', async () => {
    const loaded = await loadText(
      text('{ v: 1.10, n: 0123, b: True }', 'title: "v${v}-${n}-${b}"', 'rate: ${v}'),
    );
    expect(stageOf(valid(loaded), 'paint').params).toMatchObject({ title: 'v1.10-0123-True', rate: 1.1 });
  });

  it('are told apart from a literal ${', async () => {
    const loaded = await loadText(painting('title: "$${HOME} costs $5"'));
    expect(stageOf(valid(loaded), 'paint').params['title']).toBe('${HOME} costs $5');
  });

  it('that are unknown are named once, with the nearest', async () => {
    const result = await loadText(text('{ epochs: 3 }', 'epochs: ${epoch}', 'title: ${env.NOPE_1}'));
    expect(briefly(result)).toEqual([
      'p.yaml:6:15 [${epoch}] unknown variable "epoch"',
      'p.yaml:7:14 [${env.NOPE_1}] the environment has no variable NOPE_1',
    ]);
    expect(problemsOf(result)[0]).toMatchObject({ suggestion: 'epochs', expected: 'epochs' });
  });

  it('may not go round in a circle, even unused', async () => {
    expect(briefly(await loadText(text('{ a: "${b}", b: "x${a}" }', 'epochs: 1')))[0]).toContain(
      'variables refer to each other in a circle: a → b → a',
    );
  });

  it('of the wrong type are shown where they are written', async () => {
    const result = await loadText(text('{ n: many }', 'epochs: ${n}'));
    expect(briefly(result)).toEqual([
      'p.yaml:1:12 [many] parameter "epochs" of stage "paint" has the wrong type',
    ]);
  });

  it('that are lists cannot be a part of a text', async () => {
    const [problem] = problemsOf(await loadText(text('{ l: [1] }', 'title: a ${l}')));
    expect(problem).toMatchObject({ code: 'wrong-variable', found: 'a list' });
  });

  it('must have sensible names', async () => {
    const result = await loadText(text('{ env: 1, 2x: 1 }', 'epochs: 1'));
    expect(problemsOf(result).map(({ code }) => code)).toEqual(['invalid-name', 'invalid-name']);
  });
});

describe('a parameter that may be a YAML file', () => {
  it('is replaced by the content, and a mistake is shown in that file', async () => {
    const files = { 'net.yaml': 'latent: 5\nlayers:\n  - use: dense\n    units: 0\n' };
    const result = await loadText(painting('model: net.yaml'), {}, files);
    expect(briefly(result)).toEqual([
      'net.yaml:4:12 [0] parameter "model.layers[0].units" of stage "paint" is out of range',
    ]);
  });

  it('is found beside the file that names it, or in the working folder for --set', async () => {
    const net = 'latent: 5\nlayers: [{ use: flatten }]\n';
    const { load } = await projectWith({
      'sub/p.yaml': painting('model: net.yaml').replace('./paint', '../paint'),
      'sub/net.yaml': net,
      'other.yaml': net.replace('5', '6'),
    });
    const model = async (set: readonly string[]) =>
      stageOf(valid(await load({ file: 'sub/p.yaml', set })), 'paint').params['model'];
    expect(await model([])).toMatchObject({ latent: 5 });
    expect(await model(['paint.model=other.yaml'])).toMatchObject({ latent: 6 });
    expect(await model(['paint.model.latent=7', 'paint.model.layers.0.use=flatten'])).toMatchObject({
      latent: 7,
    });
  });

  it('that is missing is said where it is named', async () => {
    const result = await loadText(painting('model: nte.yaml'), {}, { 'net.yaml': '' });
    expect(briefly(result)).toEqual(['p.yaml:5:14 [nte.yaml] no file nte.yaml']);
    expect(problemsOf(result)[0]?.suggestion).toBe('net.yaml');
  });

  it('takes variables too', async () => {
    const loaded = await loadText(
      `vars: { n: 9 }\n${painting('model: net.yaml')}`,
      {},
      {
        'net.yaml': 'latent: ${n}\nlayers: [{ use: flatten }]\n',
      },
    );
    expect(stageOf(valid(loaded), 'paint').params['model']).toMatchObject({ latent: 9 });
  });
});

describe('what a stage checks itself', () => {
  it('is placed like the rest, also where the parameter is on the command line or left out', async () => {
    const result = await loadText(painting('epochs: 13'));
    expect(briefly(result)).toEqual(['p.yaml:5:15 [13] thirteen epochs bring bad luck']);
    expect(problemsOf(result)[0]?.hint).toBe('take twelve');
    const set = await loadText(painting('epochs: 1'), { set: ['paint.sample.every=13'] });
    expect(problemsOf(set).map(brief)).toEqual(['command line:1:26 [13] every thirteenth brings bad luck']);
  });
});
