import { describe, expect, it } from 'vitest';
import { briefly, loadText, painting, problemsOf, valid } from './rig.ts';

const PARAMS = 'one of epochs, rate, mode, shuffle, title, source, tags, sample, size, model';

describe('mistakes in parameters', () => {
  it.each([
    [
      'an unknown name',
      'epoch: 20',
      'p.yaml:5:7 [epoch] unknown parameter "epoch" of stage "paint"',
      { code: 'unknown-parameter', expected: PARAMS, suggestion: 'epochs' },
    ],
    [
      'an unknown name inside',
      'sample: { evry: 20 }',
      'p.yaml:5:17 [evry] unknown parameter "sample.evry" of stage "paint"',
      { expected: 'every', suggestion: 'every' },
    ],
    [
      'a wrong type',
      'epochs: many',
      'p.yaml:5:15 [many] parameter "epochs" of stage "paint" has the wrong type',
      { code: 'wrong-type', expected: 'integer ≥ 1 and ≤ 100', found: '"many"' },
    ],
    [
      'nothing where a value belongs',
      'epochs:',
      'p.yaml:5:7 [epochs] parameter "epochs" of stage "paint" has the wrong type',
      { expected: 'integer ≥ 1 and ≤ 100', found: 'nothing' },
    ],
    [
      'a fraction for an integer',
      'epochs: 1.5',
      'p.yaml:5:15 [1.5] parameter "epochs" of stage "paint" has the wrong type',
      { expected: 'integer ≥ 1 and ≤ 100', found: '1.5' },
    ],
    [
      'a fraction that is too small besides',
      'epochs: 0.5',
      'p.yaml:5:15 [0.5] parameter "epochs" of stage "paint" has the wrong type',
      { expected: 'integer ≥ 1 and ≤ 100', found: '0.5' },
    ],
    [
      'a text for true or false (YAML 1.2 has no yes)',
      'shuffle: yes',
      'p.yaml:5:16 [yes] parameter "shuffle" of stage "paint" has the wrong type',
      { expected: 'boolean', found: '"yes"' },
    ],
    [
      'a value out of range',
      'epochs: 0',
      'p.yaml:5:15 [0] parameter "epochs" of stage "paint" is out of range',
      { code: 'out-of-range', expected: 'integer ≥ 1 and ≤ 100', found: '0' },
    ],
    [
      'a number too large for numbers',
      'rate: 1e999',
      'p.yaml:5:13 [1e999] parameter "rate" of stage "paint" has the wrong type',
      { expected: 'number > 0', found: 'Infinity' },
    ],
    [
      'too many items',
      'tags: [a, b, c, d]',
      'p.yaml:5:7 [tags] parameter "tags" of stage "paint" is out of range',
      { expected: 'list of text, at most 3', found: '4 items' },
    ],
    [
      'a wrong item',
      'tags: [a, 2]',
      'p.yaml:5:17 [2] parameter "tags[1]" of stage "paint" has the wrong type',
      { expected: 'text', found: '2' },
    ],
    [
      'an unknown word',
      'mode: fats',
      'p.yaml:5:13 [fats] parameter "mode" of stage "paint" has an unknown value',
      { code: 'unknown-value', expected: 'one of fast, slow', found: '"fats"', suggestion: 'fast' },
    ],
    [
      'an unknown word where a mapping would do as well',
      'model: smal',
      'p.yaml:5:14 [smal] parameter "model" of stage "paint" has an unknown value',
      {
        expected: 'one of small, large, or mapping with latent, layers, or a .yaml file',
        suggestion: 'small',
      },
    ],
    [
      'a type that is none of those admitted',
      'size: true',
      'p.yaml:5:13 [true] parameter "size" of stage "paint" has the wrong type',
      { expected: 'number ≥ 8, or list of number', found: 'true' },
    ],
    [
      'a value out of range in one of several types',
      'size: 3',
      'p.yaml:5:13 [3] parameter "size" of stage "paint" is out of range',
      { found: '3' },
    ],
    [
      'something missing inside',
      'model: { latent: 3 }',
      'p.yaml:5:7 [model] missing parameter "model.layers" of stage "paint"',
      { code: 'missing-parameter', expected: 'list of mapping with use, at least 1', hint: 'Layers.' },
    ],
    [
      'an unknown kind of layer',
      'model: { layers: [{ use: dens }] }',
      'p.yaml:5:32 [dens] parameter "model.layers[0].use" of stage "paint" has an unknown value',
      { expected: 'one of dense, flatten', found: '"dens"', suggestion: 'dense' },
    ],
    [
      'a layer without a kind',
      'model: { layers: [{ units: 3 }] }',
      'p.yaml:5:25 [{ units: 3 }] missing parameter "model.layers[0].use" of stage "paint"',
      { expected: 'one of dense, flatten' },
    ],
    [
      'an unknown parameter of a layer',
      'model: { layers: [{ use: dense, unit: 3, units: 2 }] }',
      'p.yaml:5:39 [unit] unknown parameter "model.layers[0].unit" of stage "paint"',
      { suggestion: 'units' },
    ],
  ])('%s', async (_, line, message, details) => {
    const result = await loadText(painting(line));
    expect(briefly(result)).toEqual([message]);
    expect(problemsOf(result)[0]).toMatchObject(details);
  });
});

describe('mistakes around the stages', () => {
  it.each([
    [
      'an unknown key',
      'sede: 3\nname: x\nstages: [{ use: ./paint.ts }]\n',
      ['p.yaml:1:1 [sede] unknown key "sede"'],
      { expected: 'one of name, seed, extends, vars, stages' },
    ],
    [
      'an unknown key of a stage',
      'name: x\nstages: [{ use: ./paint.ts, prams: {} }]\n',
      ['p.yaml:2:29 [prams] unknown key "stages[0].prams"'],
      { expected: 'one of use, id, params, seed, inputs', suggestion: 'params' },
    ],
    [
      'no name and no stages',
      'seed: 1\n',
      ['p.yaml:1:1 [s] missing key "name"', 'p.yaml:1:1 [s] missing key "stages"'],
      {},
    ],
    [
      'an empty list of stages',
      'name: x\nstages: []\n',
      ['p.yaml:2:1 [stages] key "stages" is out of range'],
      { found: '0 items' },
    ],
    [
      'a stage that is no mapping',
      'name: x\nstages: [paint]\n',
      ['p.yaml:2:10 [paint] key "stages[0]" has the wrong type'],
      { expected: 'mapping with use, id, params, seed, inputs', found: '"paint"' },
    ],
    [
      'a stage without use',
      'name: x\nstages: [{ id: a }]\n',
      ['p.yaml:2:10 [{ id: a }] missing key "stages[0].use"'],
      {},
    ],
    [
      'a seed out of range',
      'name: x\nseed: -1\nstages: [{ use: ./paint.ts }]\n',
      ['p.yaml:2:7 [-1] key "seed" is out of range'],
      { expected: 'integer ≥ 0 and ≤ 4294967295' },
    ],
    [
      'a name that is no folder name',
      'name: ../../etc\nstages: [{ use: ./paint.ts }]\n',
      ['p.yaml:1:7 [../../etc] key "name" has a wrong value'],
      { found: '"../../etc"' },
    ],
    [
      'an id that is too long',
      `name: x\nstages:\n  - use: ./paint.ts\n    id: ${'a'.repeat(65)}\n`,
      [`p.yaml:4:9 [${'a'.repeat(65)}] key "stages[0].id" is out of range`],
      {},
    ],
    [
      'two stages with one id, also when only capitals differ',
      'name: x\nstages:\n  - use: ./paint.ts\n  - use: ./paint.ts\n    id: Paint\n',
      ['p.yaml:5:9 [Paint] two stages have the id "Paint"'],
      { hint: 'give this one an id of its own, such as id: Paint-2' },
    ],
    [
      'an unknown stage',
      'name: x\nstages:\n  - use: load-cifra\n',
      ['p.yaml:3:10 [load-cifra] unknown stage "load-cifra"'],
      { code: 'unknown-stage', suggestion: 'load-cifar' },
    ],
    [
      'an unknown input',
      'name: x\nstages:\n  - use: load-cifar\n  - use: normalize\n    inputs: { datset: load-cifar }\n',
      ['p.yaml:5:15 [datset] unknown input "datset" of stage "normalize"'],
      { expected: 'dataset', suggestion: 'dataset' },
    ],
  ])('%s', async (_, text, messages, details) => {
    const result = await loadText(text);
    expect(briefly(result)).toEqual(messages);
    expect(problemsOf(result)[0]).toMatchObject(details);
  });

  it('are all told at once, from top to bottom', async () => {
    const result = await loadText(
      [
        'nmae: x',
        'seed: x',
        'stages:',
        '  - use: pant',
        '  - use: ./paint.ts',
        '    params:',
        '      epoch: 1',
        '      rate: 0',
        '',
      ].join('\n'),
    );
    expect(problemsOf(result).map(({ code, location }) => [location?.line, code])).toEqual([
      [1, 'missing-key'],
      [1, 'unknown-key'],
      [2, 'wrong-type'],
      [4, 'unknown-stage'],
      [7, 'unknown-parameter'],
      [8, 'out-of-range'],
    ]);
  });
});

describe('mistakes in YAML', () => {
  it.each([
    ['an unclosed bracket', 'name: x\nstages: [a\n', 'p.yaml:2:11', 'YAML syntax: '],
    ['a tab as indentation', 'name: x\nstages:\n\t- use: gif\n', 'p.yaml:3:1', 'Tabs are not allowed'],
    ['a colon in a plain text', 'name: x: y\n', 'p.yaml:1:7', 'Nested mappings'],
    ['a second document', 'name: x\n---\nname: y\n', 'p.yaml:2:1', 'only one document'],
    ['a tag', 'name: !!js/function x\n', 'p.yaml:1:7', 'the tag !!js/function is not supported'],
    ['a tag that does not fit', 'name: !!int x\n', 'p.yaml:1:7', 'the tag !!int does not fit this value'],
    ['an unknown alias', 'name: *who\n', 'p.yaml:1:7', 'no anchor "&who"'],
    ['an alias inside of itself', 'name: x\nvars: &v { a: *v }\n', 'p.yaml:2:15', 'no anchor "&v"'],
    ['a list as a key', 'name: x\n? [a]\n: b\n', 'p.yaml:2:3', 'a key must be a plain name'],
    ['a merge key', 'name: x\nvars: { <<: 1 }\n', 'p.yaml:2:9', 'merge keys'],
    ['a key for prototypes', 'name: x\nvars: { __proto__: 1 }\n', 'p.yaml:2:9', '"__proto__"'],
  ])('%s', async (_, text, place, words) => {
    const found = briefly(await loadText(text)).find(message => message.includes(words));
    expect(found).toContain(place);
  });

  it.each([
    ['!!binary aGk=', '!!binary aGk=', '!!binary', 'write the text in quotes, without the tag'],
    ['!!timestamp 2001-12-14', '!!timestamp 2001-12-14', '!!timestamp', 'write the date as a text in quotes'],
    ['!!set {a, b}', '!!set {a, b}', '!!set', 'write a list: [a, b]'],
    ['!!omap [a: 1]', '!!omap [a: 1]', '!!omap', 'write a mapping'],
    ['!!pairs &p [a: 1]', '!!pairs &p [a: 1]', '!!pairs', 'write a list of lists'],
    ['!<tag:yaml.org,2002:binary> aGk=', '!<tag:yaml.org,2002:binary> aGk=', '!!binary', 'in quotes'],
    ['[a, !!binary aGk=]', '!!binary aGk=', '!!binary', 'in quotes'],
    ['{ !!binary aGk=: 1 }', '!!binary aGk=', '!!binary', 'in quotes'],
  ])(
    'a tag that no parameter can have, in a pipeline, a network and --set: %s',
    async (value, marked, tag, hint) => {
      const message = `YAML syntax: the tag ${tag} is not supported`;
      const file = await loadText(`vars: { v: ${value} }\n${painting('epochs: 3')}`);
      expect(briefly(file)).toEqual([`p.yaml:1:${12 + value.indexOf(marked)} [${marked}] ${message}`]);
      expect(problemsOf(file)[0]?.hint).toContain(hint);
      const network = await loadText(painting('model: net.yaml'), {}, { 'net.yaml': `layers: ${value}\n` });
      expect(briefly(network)).toEqual([`net.yaml:1:${9 + value.indexOf(marked)} [${marked}] ${message}`]);
      const set = await loadText(painting('epochs: 3'), { set: [`paint.title=${value}`] });
      if (value.startsWith('!<')) return;
      expect(briefly(set)[0]).toContain(message);
      expect(problemsOf(set)[0]?.hint).toContain(hint);
    },
  );

  it.each(['!!str 0123', '! 0123', '!!int "3"', '!!map {}', '!!seq []', '!!null ""'])(
    'no tag that says what a value is in any case: %s',
    async value => {
      valid(await loadText(`vars: { v: ${value} }\n${painting('epochs: 3')}`));
    },
  );

  it('a variable without quotes in a flow mapping gets a hint', async () => {
    const [problem, ...rest] = problemsOf(await loadText(painting('sample: { every: ${n}, x: 1 }')));
    expect(problem).toMatchObject({ code: 'yaml-syntax', hint: 'write "${name}", with the quotes' });
    expect(rest).toEqual([]);
  });

  it('duplicate keys, each at its second place, beside other mistakes', async () => {
    const result = await loadText(painting('epochs: 1', 'epochs: 2', 'rate: fast'));
    expect(briefly(result)).toEqual([
      'p.yaml:6:7 [epochs] duplicate key "epochs"',
      'p.yaml:7:13 [fast] parameter "rate" of stage "paint" has the wrong type',
    ]);
  });

  it('an empty file and a file that is a list', async () => {
    expect(problemsOf(await loadText(''))[0]).toMatchObject({
      message: 'p.yaml is not a pipeline',
      found: 'nothing',
    });
    expect(problemsOf(await loadText('- a\n'))[0]).toMatchObject({ found: 'a list' });
  });

  it('code in place of YAML, once and not line by line', async () => {
    const code = { 'stages/a.ts': "import { x } from 'y';\nexport default { x: { y: 1 } };\n" };
    expect(problemsOf(await loadText('', { file: 'stages/a.ts' }, code))).toEqual([
      {
        code: 'not-yaml',
        message: 'stages/a.ts is code, not YAML',
        hint: 'name a stage in a pipeline file: - use: ./a.ts',
      },
    ]);
    const named = problemsOf(await loadText('name: x\nextends: stages/a.ts\nstages: []\n', {}, code));
    expect(named.map(({ message, location, hint }) => [message, location?.line, hint])).toEqual([
      ['stages/a.ts is code, not YAML', 2, undefined],
    ]);
  });

  it('a missing file, a folder, and text that is not UTF-8', async () => {
    const other = (file: string) =>
      loadText('', { file }, { 'd/x.yaml': new Uint8Array([0xff, 0xfe, 0x00]) });
    expect(problemsOf(await other('q.yaml'))).toEqual([
      { code: 'missing-file', message: 'no file q.yaml', suggestion: 'p.yaml' },
    ]);
    expect(briefly(await other('d'))).toEqual(['d is not a file']);
    expect(briefly(await other('d/x.yaml'))).toEqual(['d/x.yaml is not UTF-8 text']);
    expect(briefly(await other('d/x.yaml/y.yaml'))).toEqual(['no file d/x.yaml/y.yaml']);
  });

  it('are placed rightly in files with CRLF and a byte-order mark', async () => {
    const result = await loadText(`\uFEFF${painting('epochs: 0').replaceAll('\n', '\r\n')}`);
    expect(briefly(result)).toEqual(['p.yaml:5:15 [0] parameter "epochs" of stage "paint" is out of range']);
    expect(problemsOf(result)[0]?.location?.text).toBe('      epochs: 0');
  });
});
