import { describe, expect, it } from 'vitest';
import { missingPaths } from '../../src/config/missing-paths.ts';
import { Failure } from '../../src/core/failure.ts';
import { Type } from '../../src/index.ts';
import { loadPlan, type LoadPlanResult } from '../../src/plan/load-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { checkData } from '../../src/run/decide/check-data.ts';
import type { Decisions } from '../../src/run/decide/decision.ts';
import { decide, loadValidPlan } from '../../src/run/session.ts';
import { brief } from '../config/rig.ts';
import { makeProject, type Project, type ProjectFiles } from '../rig/pipe.ts';

const pictures = 'name: x\nstages:\n  - use: load-images\n    params: { source: pictures }\n';

interface Loaded {
  readonly project: Project;
  readonly result: LoadPlanResult;
}

async function load(files: ProjectFiles, more: { set?: readonly string[]; absentData?: 'allowed' } = {}) {
  const project = await makeProject(files);
  const result = await loadPlan('p/p.yaml', { cwd: project.dir, env: {}, ...more });
  return { project, result } satisfies Loaded;
}

const briefly = ({ result }: Loaded) => (result.ok ? [] : result.problems.map(brief));

describe('data that is not there', () => {
  it('is a mistake at its place, with where it was looked for', async () => {
    const loaded = await load({ 'p/p.yaml': pictures });
    expect(briefly(loaded)).toEqual([
      'p/p.yaml:4:23 [pictures] there is no pictures, which parameter "source" of stage "load-images" names',
    ]);
    const { project, result } = loaded;
    expect(result.ok ? [] : result.problems[0]).toMatchObject({
      code: 'path-not-found',
      expected: `the path of a file or folder: looked for ${project.path('pictures')} and ${project.path('p/pictures')}`,
    });
  });

  it('is none in the working folder or beside the pipeline file', async () => {
    expect(briefly(await load({ 'p/p.yaml': pictures, 'pictures/a/1.png': '' }))).toEqual([]);
    expect(briefly(await load({ 'p/p.yaml': pictures, 'p/pictures/a/1.png': '' }))).toEqual([]);
  });

  it('is told with what else is wrong: with a parameter, with the networks', async () => {
    const wrong = `${pictures}  - use: gif\n    params: { delay: 1 }\n`;
    expect(briefly(await load({ 'p/p.yaml': wrong }))).toEqual([
      expect.stringContaining('there is no pictures'),
      expect.stringContaining('parameter "delay" of stage "gif" is out of range'),
    ]);
    const networks = `${pictures.replace('pictures }', 'pictures, size: 30 }')}  - use: build-model\n    params: { model: cgan }\n`;
    expect(briefly(await load({ 'p/p.yaml': networks }))).toEqual([
      expect.stringContaining('there is no pictures'),
      expect.stringContaining('generator, layer 3 (reshape)'),
    ]);
  });

  it('is no word that a stage knows, and a mistyped one is suggested', async () => {
    const cifar = 'name: x\nstages:\n  - use: load-cifar\n';
    expect(briefly(await load({ 'p/p.yaml': cifar }))).toEqual([]);
    expect(briefly(await load({ 'p/p.yaml': cifar }, { set: ['load-cifar.source=synthetic'] }))).toEqual([]);
    const { result } = await load({ 'p/p.yaml': cifar }, { set: ['load-cifar.source=syntetic'] });
    expect(result.ok ? [] : result.problems).toMatchObject([{ suggestion: 'synthetic' }]);
  });
});

it('a path that a secret of the environment gives is not shown', async () => {
  const env = { DATA_TOKEN: 'f00-very-secret' };
  const project = await makeProject({ 'p/p.yaml': pictures.replace('pictures', '"${env.DATA_TOKEN}"') });
  const result = await loadPlan('p/p.yaml', { cwd: project.dir, env });
  expect(result.ok ? [] : result.problems).toMatchObject([
    { message: 'there is no ${env.DATA_TOKEN}, which parameter "source" of stage "load-images" names' },
  ]);
  expect(JSON.stringify(result)).not.toContain(env.DATA_TOKEN);
});

describe('every parameter that is a path', () => {
  const path = (more = {}) => Type.String({ path: true, description: 'A file.', ...more });
  const params = Type.Object({
    word: path({ default: 'auto' }),
    other: path({ default: './auto' }),
    list: Type.Array(path()),
    deep: Type.Object({ file: Type.Optional(path()) }),
    text: Type.String(),
  });
  const find = (given: object) => {
    const locate = () => ({ file: '', line: 1, column: 1, length: 1, text: '' });
    const stage = { params } as never;
    return missingPaths({ id: 's', stage, params: given as never, locate }, ['/nowhere']).map(
      ({ message }) => /"(.*?)"/.exec(message)?.[1],
    );
  };

  it('in lists and within other parameters, but not a bare default', () => {
    expect(
      find({ word: 'auto', other: './auto', list: ['/', '/x'], deep: { file: 'y' }, text: 'z' }),
    ).toEqual(['other', 'list.1', 'deep.file']);
  });
});

it('data of another kind than a stage needs is told beforehand too', async () => {
  const files = { 'p/p.yaml': 'name: x\nstages:\n  - use: load-cifar\n', 'data/notes.txt': '' };
  const project = await makeProject(files);
  const session = { cwd: project.dir, env: { CIFAR10_DIR: 'data' }, experiments: undefined, command: [] };
  const plan = await loadValidPlan('p/p.yaml', [], session);
  await expect(decide(plan, {}, session)).rejects.toMatchObject({
    exitCode: 2,
    problems: [
      {
        code: 'not-cifar-10',
        message: expect.stringMatching(
          /^\$CIFAR10_DIR: .*\/data is not a CIFAR-10 folder.* It holds notes.txt\.$/,
        ) as string,
        location: { file: 'p/p.yaml', line: 3, column: 10 },
      },
    ],
  });
  expect(await project.exists('experiments')).toBe(false);
});

describe('where only some stages run', () => {
  const planned = async (): Promise<Plan> => {
    const { result } = await load({ 'p/p.yaml': pictures }, { absentData: 'allowed' });
    return result.ok ? result.plan : expect.fail('not valid');
  };

  it('the data of those that are reused need not be there', async () => {
    const plan = await planned();
    const reused: Decisions = new Map([['load-images', { kind: 'skip', reason: '' }]]);
    checkData(plan, reused, '/nowhere');
  });

  it('that of the others must', async () => {
    const plan = await planned();
    const failure = (() => {
      try {
        checkData(plan, new Map(), '/nowhere');
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ exitCode: 2, problems: [{ code: 'path-not-found' }] });
  });
});
