import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { stageCode } from '../../src/run/stage-code.ts';
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
    [
      'a throw while loading',
      stageText({}, "throw new Error('out of paint');"),
      'fails to load: Error: out of paint',
      {},
    ],
    ['no default export', 'export const a = 1;\n', 'exports no stage', { found: 'no default export' }],
    ['an export that is no stage', 'export default 3;\n', 'exports no stage', {}],
    [
      'another name',
      stageText({ name: "'blur'" }),
      'the stage’s name must be the file’s',
      { found: "name: 'blur'" },
    ],
    ['no version', stageText({ version: "'1'" }), 'version must be an integer', {}],
    ['no summary', stageText({ summary: 'undefined' }), 'summary must be a line of text', {}],
    ['params of a wrong sort', stageText({ params: 'Type.String()' }), 'params must be', {}],
    ['outputs that are missing', stageText({ outputs: 'undefined' }), 'outputs must be a record', {}],
    [
      'an unknown kind',
      stageText({ outputs: "{ out: { kind: 'datasets', description: '' } }" }),
      'output "out" has an unknown kind "datasets"',
      { suggestion: 'dataset' },
    ],
  ])('for %s', async (_, text, message, details) => {
    const result = await load(text);
    expect(briefly(result)).toHaveLength(1);
    expect(briefly(result)[0]).toContain('p.yaml:3:10 [./mine/tint.ts] stage file mine/tint.ts');
    expect(briefly(result)[0]).toContain(message);
    expect(problemsOf(result)[0]).toMatchObject(details);
    expect(JSON.stringify(problemsOf(result))).not.toContain('at file:');
  });

  it('for a parameter schema that is wrong', async () => {
    const params = "Type.Object({ a: Type.Unsafe<string>({ type: 'strnig' }) })";
    expect(briefly(await load(stageText({ params })))[0]).toContain(
      'stage "tint" has a wrong parameter schema',
    );
  });

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
