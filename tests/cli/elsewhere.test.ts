/** Experiments that are kept elsewhere: commands that messages name find them there, and `~` is the home folder. */
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { expandHome } from '../../src/host/home.ts';
import { experimentsDir, openRegistry } from '../../src/registry/index.ts';
import { newExperiment } from '../registry/experiment.ts';
import { makeProject, runPipe, type Project } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

const stage = `import { defineStage, Type } from 'pipe';
export default defineStage({
  name: 'fail', version: 1, summary: 'x', params: Type.Object({}), inputs: {}, outputs: {},
  run: () => Promise.reject(new Error('no')),
});`;

const COMMANDS =
  /pipe (?:run|resume|reproduce|watch|status|list|show|compare|tag|verify|rm|restore|gc)\b(?=(.{0,14}))/g;

/** What follows the names of commands in a text. */
const afterCommands = (text: string) =>
  [...text.replace(/^ {2}command .*$/m, '').matchAll(COMMANDS)].map(([, rest]) => rest);

let project: Project;

beforeAll(async () => {
  project = await makeProject({ 'p.yaml': 'name: p\nstages:\n  - use: ./fail.ts\n', 'fail.ts': stage });
  const registry = openRegistry(project.path('my runs'));
  const finish = async (status: 'finished' | 'interrupted', changes = {}) => {
    const writer = await registry.claim(newExperiment(changes));
    await writer.finish(status, null);
  };
  await finish('finished');
  await finish('interrupted');
  writeFileSync(project.path('my runs/exp-1/pipeline.yaml'), 'changed');
});

describe('a command that a message names looks where this one was told to look', () => {
  const cases = [
    ['show', 'exp-2'],
    ['show', 'nothing'],
    ['show', 'exp-9'],
    ['compare', 'exp-9', 'nothing'],
    ['verify'],
    ['tag'],
    ['tag', 'exp-1'],
    ['rm', '--dry-run', 'exp-1'],
    ['rm', 'exp-9'],
    ['restore', 'exp-2'],
    ['resume', 'exp-1'],
    ['reproduce', 'exp-9'],
    ['gc', '--older-than', '3'],
    ['list', '--status', 'failed'],
  ];

  test.each(cases)('%s %s', async (...args) => {
    const told = await runMain([...args, '--experiments', 'my runs'], project.dir);
    const rest = afterCommands(told.stderr + told.stdout);
    expect(rest.filter(each => !each?.startsWith(' --experiments'))).toEqual([]);
    const env = { PIPE_EXPERIMENTS: 'my runs' };
    const untold = await runMain(args, project.dir, { env });
    expect(afterCommands(untold.stderr + untold.stdout)).toHaveLength(rest.length);
    expect(untold.stderr + untold.stdout).not.toContain('--experiments');
  });

  test('as it is to be typed', async () => {
    const { stdout } = await runMain(['show', 'exp-2', '--experiments=my runs'], project.dir);
    expect(stdout).toContain("to continue: pipe resume --experiments 'my runs' exp-2\n");
  });

  test('a run that failed, in its closing lines', async () => {
    const { stderr } = await runPipe(['run', 'p.yaml', '--experiments=~/runs'], {
      cwd: project.dir,
      env: { HOME: project.path('home') },
    });
    expect(stderr).toContain(
      '\n  → pipe show --experiments ~/runs exp-1\n  → pipe resume --experiments ~/runs exp-1\n',
    );
    expect(await project.exists('home/runs/exp-1/experiment.json')).toBe(true);
    expect(await project.exists('~')).toBe(false);
  });
});

describe('a leading ~', () => {
  test('is the home folder, and nothing else', () => {
    const env = { HOME: '/home/me' };
    expect(['~', '~/a b', '~me/x', './~/x', 'a~/x'].map(path => expandHome(path, env))).toEqual([
      '/home/me',
      '/home/me/a b',
      '~me/x',
      './~/x',
      'a~/x',
    ]);
    expect(expandHome('~/x', { HOME: 'relative' })).toBe(join(homedir(), 'x'));
  });

  test('is expanded in --experiments and in the variables that are paths', async () => {
    expect(experimentsDir('~/x', { env: { HOME: '/h' }, cwd: '/' })).toBe('/h/x');
    expect(experimentsDir(undefined, { env: { HOME: '/h', PIPE_EXPERIMENTS: '~/y' }, cwd: '/' })).toBe(
      '/h/y',
    );
    const env = { HOME: project.dir, PIPE_HOME: '~/cache', CIFAR10_DIR: '~/cifar' };
    const { stdout } = await runMain(['doctor'], project.dir, { env });
    expect(stdout).toContain(project.path('cache'));
    expect(stdout).toContain(`there is no folder or archive ${project.path('cifar')}`);
  });

  test('is expanded where a pipeline names a file or a folder', async () => {
    await project.write('home/fail.ts', stage);
    await project.write(
      'home/base.yaml',
      'name: base\nstages:\n  - use: ~/fail.ts\n  - use: load-images\n    params: { source: ~/pictures, size: 8 }\n',
    );
    await project.write('home/pictures/a/x.png', '');
    await project.write('q.yaml', 'name: q\nextends: ~/base.yaml\n');
    const { stdout } = await runPipe(['validate', 'q.yaml', '--json'], {
      cwd: project.dir,
      env: { HOME: project.path('home') },
    });
    const { stages } = JSON.parse(stdout) as { stages: { id: string; params: { source?: string } }[] };
    expect(stages.map(({ id, params }) => [id, params.source])).toEqual([
      ['fail', undefined],
      ['load-images', project.path('home/pictures')],
    ]);
  });
});
