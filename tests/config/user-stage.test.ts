import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
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

  it('knows its own place', async () => {
    const summary = 'new URL(import.meta.url).pathname';
    const { project, load } = await projectWith({
      'p.yaml': PIPELINE,
      'mine/tint.ts': stageText({ summary }),
    });
    expect(stageOf(valid(await load()), 'tint').stage.summary).toBe(project.path('mine/tint.ts'));
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

  it('for an import that is missing, in a file that it imports', async () => {
    const result = await load(stageText({}, "import './lib.ts';"), { 'mine/lib.ts': "\nimport 'colors';\n" });
    expect(briefly(result)).toEqual(['mine/lib.ts:2:8 [\'colors\'] Could not resolve "colors"']);
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
