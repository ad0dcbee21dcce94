/** An input that comes from an earlier experiment. */
import { beforeAll, describe, expect, test } from 'vitest';
import { makeProject, runPipe, type Project } from '../rig/pipe.ts';

const makeStage = `
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe';

export default defineStage({
  name: 'make',
  version: 1,
  summary: 'Makes a word.',
  params: Type.Object({ word: Type.String({ default: 'one', description: 'The word.' }) }),
  inputs: {},
  outputs: { word: { kind: 'files', description: 'word.txt' } },
  async run({ outputDir, params }) {
    await writeFile(join(outputDir, 'word.txt'), params.word);
    return { word: { kind: 'files', dir: outputDir, files: ['word.txt'] } };
  },
});
`;

const takeStage = `
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe';

export default defineStage({
  name: 'take',
  version: 1,
  summary: 'Takes a word.',
  params: Type.Object({
    from: Type.Optional(Type.String({ description: 'An experiment.' })),
    kind: Type.Optional(Type.String({ description: 'Nothing.' })),
  }),
  inputs: {
    word: { kind: 'files', description: 'A word.' },
  },
  outputs: { files: { kind: 'files', description: 'taken.txt' } },
  borrows: ({ from }) => (from === undefined ? [] : [{ input: 'word', experiment: from, because: ['from'] }]),
  async run({ outputDir, inputs, report }) {
    const word = await readFile(join(inputs.word.dir, inputs.word.files[0]), 'utf8');
    await writeFile(join(outputDir, 'taken.txt'), word);
    report('took ' + word);
    return { files: { kind: 'files', dir: outputDir, files: ['taken.txt'] } };
  },
});
`;

const take = (params: string, more = '') =>
  `name: take\nstages:\n  - use: ./take.ts\n    params: { ${params} }\n${more}`;

describe('an input of an earlier experiment', () => {
  let project: Project;
  const pipe = (...args: readonly string[]) => runPipe(args, { cwd: project.dir });
  /** The id of the experiment that a run made, and what it printed. */
  async function run(...args: readonly string[]) {
    const { exitCode, stderr } = await pipe('run', ...args);
    expect(exitCode, stderr).toBe(0);
    return { id: /^exp-\d+(?= · )/m.exec(stderr)?.[0], stderr };
  }

  beforeAll(async () => {
    project = await makeProject({
      'make.ts': makeStage,
      'take.ts': takeStage,
      'make.yaml': 'name: make\nstages: [{ use: ./make.ts }]\n',
      'take.yaml': take('from: "latest:make"'),
    });
    await run('make.yaml');
  });

  test('is taken; once that is done, an equal run is known', async () => {
    const { id, stderr } = await run('take.yaml');
    expect([id, stderr]).toEqual(['exp-2', expect.stringContaining('take: took one')]);
    expect(stderr).not.toContain('warning');
    expect((await run('take.yaml')).stderr).toContain('exp-2');
    expect((await pipe('verify', 'exp-2')).exitCode).toBe(0);
  });

  test('counts by what it contains, whichever experiment has it', async () => {
    expect((await pipe('run', 'make.yaml', '--force')).exitCode).toBe(0);
    expect((await run('take.yaml')).id).toBeUndefined();
    await run('make.yaml', '--set', 'make.word=two');
    const { id = '', stderr } = await run('take.yaml');
    expect(stderr).toContain('take: took two');
    expect(await project.read(`experiments/${id}/stages/take/output/taken.txt`)).toBe('two');
    const again = await pipe('reproduce', id);
    expect(again.exitCode, again.stderr).toBe(0);
  });

  test('is data that the stage read, so that a reproduction tells that it is another one now', async () => {
    await run('take.yaml', '--set', 'take.from=exp-1');
    const { exitCode, stderr, stdout } = await pipe('reproduce', 'exp-2');
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('differs from exp-2')]);
    expect(stderr).toMatch(/take.*data|data.*take/s);
  });

  test.each([
    ['from: exp-99', 'there is no experiment exp-99'],
    ['from: "latest:nothing"', 'no finished experiment matches "latest:nothing"'],
    ['from: nonsense', '"nonsense" names no experiment'],
  ])('is a mistake at its place where there is none: %s', async (params, message) => {
    await project.write('wrong.yaml', take(params));
    const { exitCode, stderr } = await pipe('run', 'wrong.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^wrong\.yaml:4:21 error: /m);
    expect(stderr).toContain(message);
  });

  test('is a mistake where the experiment has none of its kind', async () => {
    await project.write(
      'data.yaml',
      'name: data\nstages: [{ use: load-cifar, params: { source: synthetic, count: 10 } }]\n',
    );
    await run('data.yaml');
    await project.write('wrong.yaml', take('from: "latest:data"'));
    const { exitCode, stderr } = await pipe('run', 'wrong.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'wrong.yaml:4:21 error: take.from: latest:data has no output of kind files, which the input "word" is',
    );
  });

  test('has no source in the pipeline beside', async () => {
    await project.write('both.yaml', take('from: exp-1', '    inputs: { word: take }\n'));
    const { exitCode, stderr } = await pipe('validate', 'both.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'both.yaml:5:21 error: input "word" of stage "take" has no effect: its from is "exp-1"',
    );
  });

  test('is needed from the pipeline where nothing says otherwise', async () => {
    await project.write('none.yaml', take('kind: x'));
    const { exitCode, stderr } = await pipe('validate', 'none.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('stage "take" needs files as its input "word", which no stage before it makes');
  });
});
