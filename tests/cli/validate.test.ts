import { describe, expect, it } from 'vitest';
import { makeProject, runPipe } from '../rig/pipe.ts';

const VALID = `name: tiny
seed: 3
stages:
  - use: load-cifar
    id: data
    params: { source: synthetic, count: 20 }
  - use: normalize
`;

const BROKEN = `name: tiny
stages:
  - use: load-cifar
    params: { source: synthetic, cuont: 20 }
  - use: normalise
  - use: train
    params:
      epochs: many
`;

const validate = async (files: Readonly<Record<string, string>>, ...args: readonly string[]) => {
  const project = await makeProject(files);
  const result = await runPipe(['validate', ...args], { cwd: project.dir });
  return { project, ...result };
};

describe('pipe validate', () => {
  it('says that a file is valid and lists its stages, and writes nothing', async () => {
    const { project, exitCode, stdout, stderr } = await validate({ 'p.yaml': VALID }, 'p.yaml');
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: 'p.yaml is valid: 2 stages\n  data       load-cifar\n  normalize              dataset ← data\n',
      stderr: '',
    });
    expect(await project.exists('experiments')).toBe(false);
  });

  it('shows every mistake as compilers do, on stderr, and exits with 2', async () => {
    const { exitCode, stdout, stderr } = await validate(
      { 'p.yaml': BROKEN },
      'p.yaml',
      '--set',
      'train.epcohs=3',
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    const [set, cuont, stage, epochs, sum] = stderr.split('\n\n');
    expect(set).toMatch(
      /^command line: error: unknown parameter "epcohs" of stage "train"\n {4}--set train.epcohs=3\n {16}\^{6}\n/,
    );
    expect(cuont).toBe(
      [
        'p.yaml:4:34 error: unknown parameter "cuont" of stage "load-cifar"',
        '    params: { source: synthetic, cuont: 20 }',
        '                                 ^^^^^',
        '  expected one of source, split, limit, classes, count',
        '  did you mean "count"?',
      ].join('\n'),
    );
    expect(stage).toContain('p.yaml:5:10 error: unknown stage "normalise"');
    expect(stage).toContain('did you mean "normalize"?');
    expect(epochs).toBe(
      [
        'p.yaml:8:15 error: parameter "epochs" of stage "train" has the wrong type',
        '    epochs: many',
        '            ^^^^',
        '  expected integer ≥ 1 and ≤ 1000000, found "many"',
      ].join('\n'),
    );
    expect(sum).toBe('p.yaml has 4 problems\n');
  });

  it('prints the resolved stages, or the problems, as JSON', async () => {
    const good = await validate({ 'p.yaml': VALID }, 'p.yaml', '--json', '--set', 'data.count=30');
    expect(JSON.parse(good.stdout)).toMatchObject({
      valid: true,
      name: 'tiny',
      seed: 3,
      sources: [good.project.path('p.yaml')],
      stages: [
        { id: 'data', use: 'load-cifar', params: { count: 30, split: 'all' }, inputs: {} },
        { id: 'normalize', inputs: { dataset: { stage: 'data', output: 'dataset' } } },
      ],
    });
    const bad = await validate({ 'p.yaml': BROKEN }, 'p.yaml', '--json');
    expect(bad).toMatchObject({ exitCode: 2, stderr: '' });
    expect(JSON.parse(bad.stdout)).toMatchObject({
      valid: false,
      problems: [
        { code: 'unknown-parameter', suggestion: 'count', location: { file: 'p.yaml', line: 4, column: 34 } },
        { code: 'unknown-stage' },
        { code: 'wrong-type' },
      ],
    });
  });

  it('shows what has no effect as a warning, and the file is valid all the same', async () => {
    const text = VALID.replace('count: 20', 'count: 20, limit: 5');
    const { exitCode, stdout, stderr } = await validate({ 'p.yaml': text }, 'p.yaml');
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: 'p.yaml is valid: 2 stages\n  data       load-cifar\n  normalize              dataset ← data\n',
      stderr: [
        'p.yaml:6:34 warning: parameter "count" of stage "data" has no effect: limit is 5',
        '    params: { source: synthetic, count: 20, limit: 5 }',
        '                                 ^^^^^',
        '  → set data.limit instead, or unset it: --set data.limit=null',
        '',
        '',
      ].join('\n'),
    });
    const json = await validate({ 'p.yaml': text }, 'p.yaml', '--json');
    expect(json).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      valid: true,
      warnings: [{ code: 'no-effect', severity: 'warning', location: { line: 6, column: 34 } }],
    });
  });

  it('checks that the inputs of the stages can be had', async () => {
    const text = 'name: x\nstages:\n  - use: normalize\n  - use: load-cifar\n';
    const { exitCode, stderr } = await validate({ 'p.yaml': text }, 'p.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      [
        'p.yaml:3:10 error: stage "normalize" needs a dataset as its input "dataset", which no stage before it makes',
        '    - use: normalize',
        '           ^^^^^^^^^',
        '  → stage "load-cifar" makes that but comes later: move it before "normalize"',
        '',
      ].join('\n'),
    );
  });

  it('names a missing file in one line, with the nearest', async () => {
    const { exitCode, stderr } = await validate({ 'pipelines/cgan.yaml': VALID }, 'pipelines/cgn.yaml');
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: 'error: no file pipelines/cgn.yaml\n  did you mean "pipelines/cgan.yaml"?\n',
    });
  });

  it('shows control and direction characters, and never sends them to the terminal', async () => {
    const text = 'name: "x\\e[31m\u202e"\nstages: [{ use: load-cifar }]\n';
    const { stderr } = await validate({ 'p.yaml': text }, 'p.yaml');
    expect(stderr).toContain('\\u001b[31m\\u202e');
    expect(stderr).not.toMatch(/[\u001b\u202e]/);
  });

  it('cuts a long line around what is wrong', async () => {
    const text = `name: x\nstages: [{ use: load-cifar, params: { ${' '.repeat(300)} cuont: 1 ${' '.repeat(300)} } }]\n`;
    const { stderr } = await validate({ 'p.yaml': text }, 'p.yaml');
    const [, line = '', marker = ''] = stderr.split('\n');
    expect(line.length).toBeLessThan(110);
    expect(line.slice(marker.indexOf('^'), marker.lastIndexOf('^') + 1)).toBe('cuont');
  });

  it('runs a pipeline with a stage of the user’s, which shares pipe’s own classes', async () => {
    const stage = `
      import { defineStage, Type } from 'pipe';
      export default defineStage({
        name: 'mine', version: 1, summary: 'Mine.', inputs: {}, outputs: {},
        params: Type.Object({ n: Type.Integer({ default: 2, description: 'A number.' }) }),
        run: async () => ({}),
      });`;
    const { stdout } = await validate(
      { 'p.yaml': 'name: x\nstages: [{ use: ./mine.ts }]\n', 'mine.ts': stage },
      'p.yaml',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      stages: [{ id: 'mine', use: './mine.ts', params: { n: 2 } }],
    });
  });
});
