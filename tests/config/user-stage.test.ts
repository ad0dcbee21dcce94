import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBuiltInStages } from '../../src/config/catalog.ts';
import { contractFaults } from '../../src/config/stage-contract.ts';
import { Failure } from '../../src/core/failure.ts';
import { makeProject, runPipe } from '../rig/pipe.ts';
import { stageCode } from '../../src/run/fingerprint/stage-code.ts';
import { briefly, loadText, problemsOf, projectWith, stageOf, valid } from './rig.ts';

const PIPELINE = 'name: x\nstages:\n  - use: ./mine/tint.ts\n';

const stageText = (fields: Readonly<Record<string, string>> = {}, head = ''): string => {
  const record = {
    name: "'tint'",
    version: '1',
    summary: "'Tints.'",
    params: 'Type.Object({})',
    inputs: '{}',
    outputs: '{}',
    run: 'async () => ({})',
    ...fields,
  };
  const lines = Object.entries(record).map(([name, value]) => `  ${name}: ${value},`);
  return `import { defineStage, Type } from 'pipe';\n${head}\nexport default defineStage({\n${lines.join('\n')}\n});\n`;
};

const load = (stage: string, files: Readonly<Record<string, string>> = {}) =>
  loadText(PIPELINE, {}, { 'mine/tint.ts': stage, ...files });

describe('a stage file of the user’s', () => {
  it('may import its own files, JSON and packages, and says which files it is made of', async () => {
    const { project, load } = await projectWith({
      'p.yaml': PIPELINE,
      'mine/tint.ts': stageText(
        { summary: 'summary + data.word + sharp.name' },
        "import sharp from 'sharp';\nimport data from './data.json';\nimport { summary } from './lib/words.ts';",
      ),
      'mine/lib/words.ts':
        "import { sep } from 'node:path';\nexport const summary: string = `words${sep}`;\n",
      'mine/data.json': '{ "word": "data/" }',
    });
    const stage = stageOf(valid(await load()), 'tint');
    expect(stage.stage.summary).toBe('words/data/Sharp');
    expect([...stage.files].sort()).toEqual(
      ['mine/data.json', 'mine/lib/words.ts', 'mine/tint.ts'].map(file => project.path(file)),
    );
  });

  it('prefers a package of the user’s own', async () => {
    const files = {
      'node_modules/colours/package.json': '{ "name": "colours", "type": "module", "exports": "./index.js" }',
      'node_modules/colours/index.js': "export const red = 'red';\n",
    };
    const loaded = await load(stageText({ summary: 'red' }, "import { red } from 'colours';"), files);
    expect(stageOf(valid(loaded), 'tint')).toMatchObject({
      stage: { summary: 'red' },
      files: [expect.stringContaining('tint.ts')],
    });
  });

  it('shares pipe’s classes, so that its failures are told as failures', async () => {
    const run = "async () => { throw new Failure({ code: 'tint', message: 'no tint left' }); }";
    const loaded = await load(stageText({ run }, "import { Failure } from 'pipe';"));
    const { stage } = stageOf(valid(loaded), 'tint');
    await expect(stage.run({} as never)).rejects.toBeInstanceOf(Failure);
  });

  it('knows its own place, and so does each file that it imports', async () => {
    const { project, load } = await projectWith({
      'p.yaml': PIPELINE,
      'mine/tint.ts': stageText(
        { summary: 'JSON.stringify([import.meta.url, import.meta.filename, esm, cjs, own])' },
        "import { esm } from './lib/esm.ts';\nimport cjs from './lib/old.cjs';\nimport { own } from './lib/own.ts';",
      ),
      'mine/lib/esm.ts':
        "export const esm: unknown = [import.meta.dirname, new URL('./a.txt', import.meta.url).href, import.meta.resolve('./b.js'), import.meta.resolve('fs'), __dirname];\n",
      'mine/lib/old.cjs':
        "'use strict';\nmodule.exports = [__filename, require.resolve('./esm.ts'), require('./data.json').a, require(__dirname + '/data.json').a];\n",
      'mine/lib/data.json': '{ "a": 7 }',
      'mine/lib/own.ts':
        "import { dirname } from 'node:path';\nimport { fileURLToPath } from 'node:url';\nconst __dirname = dirname(fileURLToPath(import.meta.url));\nexport const own = __dirname;\n",
    });
    const url = (file: string) => pathToFileURL(project.path(file)).href;
    const lib = project.path('mine/lib');
    expect(JSON.parse(stageOf(valid(await load()), 'tint').stage.summary)).toEqual([
      url('mine/tint.ts'),
      project.path('mine/tint.ts'),
      [lib, url('mine/lib/a.txt'), url('mine/lib/b.js'), 'node:fs', lib],
      [project.path('mine/lib/old.cjs'), project.path('mine/lib/esm.ts'), 7, 7],
      lib,
    ]);
  });

  it('reads no other file for one that is named by a relative path at run time', async () => {
    const loaded = await load(stageText({ summary: 'old' }, "import old from './lib/old.cjs';"), {
      'mine/lib/old.cjs': "const name = './data.json';\nmodule.exports = require(name).a;\n",
      'mine/lib/data.json': '{ "a": "right" }',
      'mine/data.json': '{ "a": "wrong" }',
    });
    expect(briefly(loaded)).toEqual([
      expect.stringContaining('cannot require "./data.json", a relative path that is computed'),
    ]);
  });

  it('imports JSON and text, and is told how to read what cannot be imported', async () => {
    const { project, load } = await projectWith({
      'p.yaml': PIPELINE,
      'mine/tint.ts': stageText(
        { summary: 'data.a + text.trim()' },
        "import data from './data.json' with { type: 'json' };\nimport text from './words.txt';",
      ),
      'mine/data.json': '{ "a": "json " }',
      'mine/words.txt': 'text\n',
    });
    const { stage, files } = stageOf(valid(await load()), 'tint');
    expect(stage.summary).toBe('json text');
    expect([...files].sort()).toEqual(
      ['mine/data.json', 'mine/tint.ts', 'mine/words.txt'].map(file => project.path(file)),
    );
    await project.write(
      'mine/tint.ts',
      stageText({ summary: 'String(wasm)' }, "import wasm from './x.wasm';"),
    );
    await project.write('mine/x.wasm', '');
    expect(await load()).toMatchObject({
      problems: [
        {
          message: 'No loader is configured for ".wasm" files: mine/x.wasm',
          location: { file: 'mine/tint.ts', line: 2 },
          hint: "it is read as a file: readFile(new URL('./x.wasm', import.meta.url))",
        },
      ],
    });
  });

  it('is made of the files beside it, too, that its code names', async () => {
    const { project, load } = await projectWith({
      'p.yaml': PIPELINE,
      'mine/tint.ts': stageText({ run: "async () => read(new URL('./a.bin', import.meta.url))" }),
      'mine/a.bin': new Uint8Array([1, 2]),
    });
    const { use, files } = stageOf(valid(await load()), 'tint');
    expect(files).toContain(project.path('mine/a.bin'));
    const before = await stageCode({ use, files });
    await project.write('mine/a.bin', new Uint8Array([1, 3]));
    expect((await stageCode({ use, files })).code).not.toBe(before.code);
  });

  it('may be JavaScript', async () => {
    const text = PIPELINE.replace('.ts', '.js');
    expect(valid(await loadText(text, {}, { 'mine/tint.js': stageText() })).stages[0]?.id).toBe('tint');
  });

  it('is read anew after a change', async () => {
    const { project, load } = await projectWith({ 'p.yaml': PIPELINE, 'mine/tint.ts': stageText() });
    valid(await load());
    await project.write('mine/tint.ts', stageText({ version: '2' }));
    expect(stageOf(valid(await load()), 'tint').stage.version).toBe(2);
  });
});

describe('a stage file that cannot be used', () => {
  it('for its syntax shows the compiler’s message in that file, and is watched', async () => {
    const { project, load } = await projectWith({ 'p.yaml': PIPELINE, 'mine/tint.ts': 'const ä = ;\n' });
    const result = await load();
    expect(briefly(result)).toEqual(['mine/tint.ts:1:11 [;] Unexpected ";"']);
    expect(result).toMatchObject({ sources: [project.path('p.yaml'), project.path('mine/tint.ts')] });
  });

  it.each([
    ['colors', 'package "colors" is not installed', 'npm install colors'],
    ['@scope/paint', 'package "@scope/paint" is not installed', 'npm install @scope/paint'],
    ['@scope/paint/blue.js', 'package "@scope/paint" is not installed', 'npm install @scope/paint'],
    ['lodash/fp', 'package "lodash" is not installed', 'npm install lodash'],
    ['colours/nothing', 'Could not resolve "colours/nothing"', undefined],
    ['#words', 'Could not resolve "#words"', undefined],
    ['./nothing.ts', 'Could not resolve "./nothing.ts"', undefined],
    ['@/lib/words', 'Could not resolve "@/lib/words"', undefined],
  ])('for an import that is missing, in a file that it imports: %s', async (name, message, hint) => {
    const result = await load(stageText({}, "import './lib.ts';"), {
      'mine/lib.ts': `\nimport '${name}';\n`,
      'node_modules/colours/package.json': '{ "name": "colours", "exports": { ".": "./index.js" } }',
      'node_modules/colours/index.js': '',
    });
    expect(briefly(result)).toEqual([`mine/lib.ts:2:8 ['${name}'] ${message}`]);
    const found = problemsOf(result)[0]?.hint;
    if (hint !== undefined) expect(found).toBe(hint);
    else expect(found ?? '').not.toContain('npm install');
    expect(found ?? '').not.toContain('external');
  });

  it('for a package that a package of its own lacks', async () => {
    const result = await load(stageText({}, "import 'colours';"), {
      'node_modules/colours/package.json': '{ "name": "colours", "type": "module", "exports": "./index.js" }',
      'node_modules/colours/index.js': "import 'pigments/blue';\n",
    });
    expect(briefly(result)[0]).toContain(
      "stage file mine/tint.ts fails to load: Error: Cannot find package 'pigments'",
    );
    expect(problemsOf(result)[0]?.hint).toBe('npm install pigments');
  });

  it.each([
    ['a throw while loading', "throw new Error('out of paint');", 'Error: out of paint'],
    ['a throw of what is no error', 'throw Object.create(null);', 'an object was thrown, which is no error'],
  ])('for %s', async (_, head, message) => {
    expect(briefly(await load(stageText({}, head)))).toEqual([
      `p.yaml:3:10 [./mine/tint.ts] stage file mine/tint.ts fails to load: ${message}`,
    ]);
  });
});

/** Fields of a stage, and the problems that they lead to, each with the text that is marked and what it holds beside. */
const wrong: readonly (readonly [
  string,
  Readonly<Record<string, string>>,
  readonly (readonly [string, string, object?])[],
])[] = [
  [
    'another name',
    { name: "'blur'" },
    [['name', 'the stage’s name must be the file’s', { found: "name: 'blur'" }]],
  ],
  ['a name of another type', { name: '3' }, [['name', 'name must be a text', { found: '3' }]]],
  [
    'a version that is a text',
    { version: "'1'" },
    [['version', 'version must be an integer', { found: '"1"' }]],
  ],
  ['no summary', { summary: 'undefined' }, [['summary', 'summary must be a line of text']]],
  ['a summary of two lines', { summary: "'a\\nb'" }, [['summary', 'summary must be a line of text']]],
  [
    'params of a wrong sort',
    { params: 'Type.String()' },
    [['params', 'params must be a Type.Object({ … })']],
  ],
  ['outputs that are missing', { outputs: 'undefined' }, [['outputs', 'outputs must be a record of ports']]],
  [
    'a list of inputs',
    { inputs: '[]' },
    [['inputs', 'inputs must be a record of ports', { found: 'a list' }]],
  ],
  [
    'a port of an unknown kind',
    { outputs: "{ out: { kind: 'datasets', description: '' } }" },
    [['kind', 'outputs.out.kind must be a kind of artifact', { found: '"datasets"', suggestion: 'dataset' }]],
  ],
  [
    'ports that are half written',
    {
      inputs:
        "{ a: 'dataset', b: { kind: 'dataset' }, c: { kind: 'files', description: '', optinal: true } }",
    },
    [
      [
        'a',
        'inputs.a must be a port, such as { kind, description, optional, byName }',
        { found: '"dataset"' },
      ],
      ['b', 'inputs.b.description must be a text', { found: 'undefined' }],
      ['optinal', 'unknown field "inputs.c.optinal"', { suggestion: 'optional' }],
    ],
  ],
  [
    'an optional output, which parameters decide',
    { outputs: "{ out: { kind: 'files', description: '', optional: true } }" },
    [
      [
        'optional',
        'unknown field "outputs.out.optional"',
        { expected: 'one of kind, description, omittable' },
      ],
    ],
  ],
  [
    'declarations of metrics',
    {
      metrics:
        "{ loss: { direction: 'down', description: 'Loss.' }, speed: { direction: 'max', unit: 3, wallclock: true, description: '' }, none: {} }",
    },
    [
      [
        'direction',
        'metrics.loss.direction must be a direction',
        { expected: 'one of min, max, none', found: '"down"' },
      ],
      ['unit', 'metrics.speed.unit must be a text', { found: '3' }],
      ['wallclock', 'unknown field "metrics.speed.wallclock"', { suggestion: 'wallClock' }],
      ['none', 'metrics.none.description must be a text'],
      ['none', 'metrics.none.direction must be a direction', { found: 'undefined' }],
    ],
  ],
  [
    'misspelt fields',
    { rnu: 'async () => ({})', run: 'undefined', metric: '{}' },
    [
      ['rnu', 'unknown field "rnu"', { suggestion: 'run' }],
      ['metric', 'unknown field "metric"', { suggestion: 'metrics' }],
    ],
  ],
  [
    'fields of wrong types',
    { run: '3', check: "'x'", cacheKey: 'true', alwaysRun: '1', reportOnly: "'yes'" },
    [
      ['run', 'run must be a function', { found: '3' }],
      ['check', 'check must be a function'],
      ['cacheKey', 'cacheKey must be a function'],
      ['alwaysRun', 'alwaysRun must be true, false or a function'],
      ['reportOnly', 'reportOnly must be true or false'],
    ],
  ],
  [
    'reportOnly by itself',
    { reportOnly: 'true' },
    [['reportOnly', 'reportOnly is for a stage with alwaysRun: true']],
  ],
  [
    'a path outside',
    { nondeterministicFiles: "['../a']" },
    [['nondeterministicFiles', 'nondeterministicFiles must be a list of paths']],
  ],
  [
    'resumable names that are no parameters',
    { params: 'Type.Object({ epochs: Type.Integer({ default: 1 }) })', resumable: "['epoch', 'epochs']" },
    [['resumable', 'resumable names no parameter: "epoch"', { suggestion: 'epochs' }]],
  ],
  [
    'what lengthens it that is no parameter, and a misspelt field',
    {
      params: 'Type.Object({ epochs: Type.Integer({ default: 1 }) })',
      resumable: "{ parameters: ['epochs'], lengthenedBy: ['epoch'], obstacles: 1 }",
    },
    [
      ['obstacles', 'unknown field "resumable.obstacles"', { suggestion: 'obstacle' }],
      ['lengthenedBy', 'resumable.lengthenedBy names no parameter: "epoch"', { suggestion: 'epochs' }],
    ],
  ],
  [
    'whether it pauses in words',
    { resumable: "{ parameters: [], pausable: 'yes' }" },
    [['pausable', 'resumable.pausable must be true or false', { found: '"yes"' }]],
  ],
  [
    'a wrong schema',
    { params: "Type.Object({ a: Type.Unsafe<string>({ type: 'strnig' }) })" },
    [['params', 'params are not a valid schema: type must be JSONType or JSONType[]']],
  ],
  [
    'defaults that their own schema refuses',
    {
      params:
        "Type.Object({ few: Type.Integer({ minimum: 1, default: 0 }), in: Type.Object({ mode: Type.Union([Type.Literal('a'), Type.Literal('b')], { default: 'c' }) }), ok: Type.Integer({ default: 3 }) })",
    },
    [
      [
        'few',
        'the default of parameter "few" is not what the parameter may be',
        { expected: 'integer ≥ 1', found: '0' },
      ],
      [
        'mode',
        'the default of parameter "in.mode" is not what the parameter may be',
        { expected: 'one of a, b' },
      ],
    ],
  ],
  [
    'defaults that no file can hold',
    {
      params:
        "Type.Object({ a: Type.Unknown({ default: new Date(0) }), b: Type.Unknown({ default: 10n }), c: Type.String({ default: 'x\\0' }), d: Type.Unknown({ default: [Infinity] }) })",
    },
    [
      ['a', 'the default of parameter "a" is a Date; expected what JSON can hold'],
      ['b', 'the default of parameter "b" is 10n'],
      ['c', 'the default of parameter "c" has a NUL character'],
      ['d', 'the default of parameter "d"[0] is Infinity'],
    ],
  ],
];

describe('what a stage says of itself', () => {
  it.each(wrong)('is checked when it is loaded, all of it, in its file: %s', async (_, fields, expected) => {
    const result = await load(stageText(fields));
    const found = problemsOf(result).map(({ location, message }) => {
      const { file = '', text = '', column = 0, length = 0 } = location ?? {};
      return [file, text.slice(column - 1, column - 1 + length), message];
    });
    const inOrder = (problems: typeof found) =>
      problems.toSorted((a, b) => String(a).localeCompare(String(b)));
    expect(inOrder(found)).toEqual(
      inOrder(expected.map(([mark, message]) => ['mine/tint.ts', mark, message])).map(
        ([file, mark, message]) => [file, mark, expect.stringContaining(message ?? '') as string],
      ),
    );
    for (const [, message, details = {}] of expected)
      expect(problemsOf(result).find(problem => problem.message.startsWith(message))).toMatchObject(details);
  });

  it.each([
    ['no default export', 'export const a = 1;\n', 'no default export'],
    ['an export that is no stage', 'export default 3;\n', 'a default export that is 3'],
    ['an export of something else', 'export default { colour: 1 };\n', 'a default export that is an object'],
  ])('is nothing with %s', async (_, text, found) => {
    const result = await load(text);
    expect(briefly(result)).toEqual([expect.stringMatching(/^mine\/tint\.ts:1:1 .* it exports no stage$/)]);
    expect(problemsOf(result)[0]).toMatchObject({ found });
  });

  it('is found where a constant holds it', async () => {
    const head =
      '// params, run\nconst params = Type.Object({\n  few: Type.Integer({ minimum: 1, default: 0 }),\n});';
    const text = stageText({}, head).replace('  params: Type.Object({}),', '  params,');
    expect(briefly(await load(text))).toEqual([
      'mine/tint.ts:4:3 [few] the default of parameter "few" is not what the parameter may be',
    ]);
  });

  it('may be said by an instance of a class', async () => {
    const fields =
      "name = 'tint'; version = 1; summary = 'Tints.'; params = Type.Object({}); inputs = {}; outputs = {};";
    const text = `import { Type } from 'pipe';\nclass Tint { ${fields} run() {} }\nexport default new Tint();\n`;
    expect(stageOf(valid(await load(text)), 'tint').stage.summary).toBe('Tints.');
  });

  it('holds for the built-in stages', async () => {
    for (const stage of await loadBuiltInStages()) expect(contractFaults(stage, stage.name)).toEqual([]);
  });

  it('is told by the command as well', async () => {
    const project = await makeProject({ 'tint.ts': stageText({ run: '3', version: "'1'" }) });
    const { exitCode, stderr } = await runPipe(['stages', './tint.ts'], { cwd: project.dir });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('./tint.ts:10:3 error: run must be a function');
    expect(stderr).toContain('./tint.ts:5:3 error: version must be an integer');
  });
});

describe('a stage file', () => {
  it('for being missing, with the nearest name', async () => {
    const result = await loadText(PIPELINE, {}, { 'mine/tnt.ts': '' });
    expect(briefly(result)).toEqual(['p.yaml:3:10 [./mine/tint.ts] no stage file mine/tint.ts']);
    expect(problemsOf(result)[0]?.suggestion).toBe('mine/tnt.ts');
  });

  it('for a name that makes no id', async () => {
    const text = PIPELINE.replace('tint.ts', '"my tint.ts"').replace('./mine/"', '"./mine/');
    const result = await loadText(text, {}, { 'mine/my tint.ts': stageText({ name: "'my tint'" }) });
    expect(problemsOf(result)[0]).toMatchObject({
      code: 'invalid-id',
      hint: 'give the stage an id of its own, such as id: my-stage',
    });
  });
});
