import { describe, expect, it } from 'vitest';
import { briefly, loadText, painting, problemsOf, stageOf, valid } from './rig.ts';

const TEXT = `vars: { who: cats }\n${painting('title: ${who}', 'sample: { every: 7 }', 'tags: [a, b]')}`;

const set = (...settings: string[]) => loadText(TEXT, { set: settings });

describe('--set', () => {
  it('overrides parameters at any depth, typed as in YAML, the last one winning', async () => {
    const pipeline = valid(
      await set(
        'paint.epochs=3',
        'paint.epochs=4',
        'paint.sample.every=5',
        'paint.tags.1=z',
        'paint.shuffle=false',
      ),
    );
    expect(stageOf(pipeline, 'paint').params).toMatchObject({
      epochs: 4,
      sample: { every: 5 },
      tags: ['a', 'z'],
      shuffle: false,
    });
  });

  it('overrides name, seed and variables, and may use variables', async () => {
    const pipeline = valid(await set('seed=9', 'name=other', 'vars.who=dogs', 'paint.tags=["${who}"]'));
    expect(pipeline).toMatchObject({ name: 'other', seed: 9 });
    expect(stageOf(pipeline, 'paint').params).toMatchObject({ title: 'dogs', tags: ['dogs'] });
  });

  it('is recorded in the resolved pipeline', async () => {
    expect(valid(await set('paint.epochs=3')).resolvedText).toContain('epochs: 3');
  });

  it.each([
    ['trian.epochs=3', '[trian] --set names an unknown stage "trian"', { expected: 'paint' }],
    ['pant.epochs=3', '[pant] --set names an unknown stage "pant"', { suggestion: 'paint' }],
    ['paint.epoch=3', '[epoch] unknown parameter "epoch" of stage "paint"', { suggestion: 'epochs' }],
    [
      'paint.sample.evry=3',
      '[evry] unknown parameter "sample.evry" of stage "paint"',
      { suggestion: 'every' },
    ],
    [
      'paint.epochs=three',
      '[three] parameter "epochs" of stage "paint" has the wrong type',
      { found: '"three"' },
    ],
    [
      'paint.tags=a: b',
      '[a: b] parameter "tags" of stage "paint" has the wrong type',
      { hint: 'write a list as [a, b]' },
    ],
    [
      'paint.sample=every: 3',
      '[every: 3] parameter "sample" of stage "paint" has the wrong type',
      { hint: 'write a mapping as {name: value}' },
    ],
    ['paint.epochs=0', '[0] parameter "epochs" of stage "paint" is out of range', { found: '0' }],
    ['paint.epochs.x=1', '[x] --set cannot reach "x"', {}],
    ['paint.tags.7=z', '[7] --set cannot reach "7"', { expected: 'a position from 0 to 1' }],
    ['paint=1', '[paint] --set paint= names no parameter', { expected: 'paint.<parameter>=<value>' }],
    ['vars.whom=1', '[whom] --set names an unknown variable "whom"', { suggestion: 'who' }],
    ['seed=x', '[x] key "seed" has the wrong type', { expected: 'integer ≥ 0 and ≤ 4294967295' }],
    ['name=a b', '[a b] key "name" has a wrong value', {}],
    [
      'paint.epochs',
      '[paint.epochs] cannot read --set paint.epochs',
      { hint: 'for example: --set train.iterations=500' },
    ],
    ['=3', '[=3] cannot read --set =3', {}],
    ['paint..x=3', '[paint..x=3] cannot read --set paint..x=3', {}],
    ['paint.title=', '--set paint.title= gives no value', {}],
    ['paint.tags=[a', 'YAML syntax: Flow sequence must end with a ]', {}],
    ['paint.title=${whom}', '[${whom}] unknown variable "whom"', { suggestion: 'who' }],
  ])('--set %s', async (setting, message, details) => {
    const result = setting === 'paint.epochs.x=1' ? await set('paint.epochs=1', setting) : await set(setting);
    const [first, ...others] = briefly(result);
    expect(first).toContain(message);
    expect(others).toEqual([]);
    expect(problemsOf(result)[0]).toMatchObject(details);
    expect(problemsOf(result)[0]?.location).toMatchObject({ file: 'command line', text: `--set ${setting}` });
  });

  it('changes one item of a list and not its twins, which one variable or one alias makes of one text', async () => {
    const text = `vars: { t: a, pair: ["\${t}", "\${t}"] }\n${painting('tags: ["${t}", "${t}", "${t}"]')}`;
    const params = async (text: string, ...set: string[]) =>
      stageOf(valid(await loadText(text, { set })), 'paint').params;
    expect(await params(text, 'paint.tags.1=z')).toMatchObject({ tags: ['a', 'z', 'a'] });
    expect(await params(painting('tags: [&t a, *t, *t]'), 'paint.tags.0=z')).toMatchObject({
      tags: ['z', 'a', 'a'],
    });
    const layers = painting('model: { layers: [&l { use: dense, units: 1 }, *l] }');
    expect(await params(layers, 'paint.model.layers.1.units=2')).toMatchObject({
      model: { layers: [{ units: 1 }, { units: 2 }] },
    });
    // An alias in the value itself, and a second change of a list that was changed.
    expect(
      await params(painting('epochs: 1'), 'paint.tags=[&t a, *t]', 'paint.tags.0=y', 'paint.tags.1=z'),
    ).toMatchObject({ tags: ['y', 'z'] });
  });

  it.each([
    ['a #b', 'a #b'],
    ['#b', '#b'],
    ['a: b', 'a: b'],
    ['a:', 'a:'],
    ['- a', '- a'],
    ['@home', '@home'],
    ['%d', '%d'],
    ['`a`', '`a`'],
    ['!important', '!important'],
    ['*', '*'],
    ['&', '&'],
    ['| a', '| a'],
    ['> a', '> a'],
    ['? a', '? a'],
    ['---', '---'],
    ['...', '...'],
    ['a ', 'a '],
    ['one\n  two', 'one\n  two'],
    ['0123', '0123'],
    ['1.10', '1.10'],
    ['true', 'true'],
    ['2024-01-01', '2024-01-01'],
    ['"a #b"', 'a #b'],
    ["'it''s'", "it's"],
    ['""', ''],
    ['"0123"', '0123'],
    ['v${n}', 'v1.10'],
  ])('gives a text parameter the text %j', async (written, title) => {
    const text = `vars: { n: 1.10 }\n${painting('epochs: 1')}`;
    const pipeline = valid(await loadText(text, { set: [`paint.title=${written}`] }));
    expect(stageOf(pipeline, 'paint').params['title']).toBe(title);
  });

  it.each([
    ['1e2', 100],
    ['0x10', 16],
    ['+1', 1],
    ['007', 7],
    [' 3 ', 3],
  ])('gives a number parameter %j as the number %j', async (written, epochs) => {
    const pipeline = valid(await set(`paint.epochs=${written}`));
    expect(stageOf(pipeline, 'paint').params['epochs']).toBe(epochs);
  });

  it('gives a pipeline a name of digits', async () => {
    expect(valid(await set('name=007')).name).toBe('007');
  });

  it.each([
    ['tags=[a] # b', '[# b] `#` would begin a comment, and what follows it be lost'],
    ['tags=[a #b]', '[#b]] `#` would begin a comment, and what follows it be lost'],
    ['title="a" #b', '[#b] `#` would begin a comment, and what follows it be lost'],
  ])('refuses --set %s', async (setting, message) => {
    const result = await set(`paint.${setting}`);
    expect(briefly(result)).toEqual([expect.stringContaining(message)]);
    expect(problemsOf(result)[0]?.hint).toBe('put a text with # in it in quotes');
  });

  it('shows its mistakes together with those of the file', async () => {
    const result = await loadText(painting('epoch: 3'), { set: ['paint.rate=0', 'nope'] });
    expect(
      problemsOf(result)
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['out-of-range', 'unknown-parameter', 'wrong-set']);
  });
});
