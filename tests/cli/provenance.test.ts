import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { makeProject, runPipe, type Project } from '../rig/pipe.ts';

const TOKEN = 'tkn-0123456789abcdef';

/** Tells its whole environment and its token, and fails unless the token is the right one. */
const fetchStage = `
import { defineStage, Type } from 'pipe';
import { right } from './right.ts';

export default defineStage({
  name: 'fetch',
  version: 1,
  summary: 'Fetches.',
  params: Type.Object({ token: Type.String({ description: 'Opens the door.' }) }),
  inputs: {},
  outputs: { files: { kind: 'files', description: 'Nothing.' } },
  run: async context => {
    console.log(process.env);
    context.report('with ' + context.params.token);
    if (context.params.token !== right) throw new Error('refused: ' + context.params.token);
    return { files: { kind: 'files', dir: context.outputDir, files: [] } };
  },
});
`;

const files = {
  'fetch.yaml': 'name: fetch\nstages:\n  - use: ./fetch.ts\n    params: { token: "${env.API_TOKEN}" }\n',
  'fetch.ts': fetchStage,
  'right.ts': `export const right = 'tkn-' + '0123456789abcdef';\n`,
};

/** The files of the experiments in which a text is. */
const filesWith = (project: Project, text: string) =>
  readdirSync(project.path('experiments'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => readFileSync(path).includes(text));

test('a token of the environment is in no file of the experiment, which runs again with it', async () => {
  const project = await makeProject(files);
  const { dir: cwd } = project;
  const wrong = 'tkn-of-someone-else';
  const failed = await runPipe(['run', 'fetch.yaml'], { cwd, env: { API_TOKEN: wrong } });
  expect(failed.exitCode).toBe(1);
  const log = await project.read('experiments/exp-1/stages/fetch/log.txt');
  expect(log).toContain("API_TOKEN: '***'");
  expect(log).toContain('refused: ***');

  const without = await runPipe(['resume', 'exp-1'], { cwd, env: { API_TOKEN: undefined } });
  expect(without.exitCode).toBe(2);
  expect(without.stderr).toContain('the environment has no variable API_TOKEN');
  expect(without.stderr).toContain('→ set it: export API_TOKEN=…');

  const resumed = await runPipe(['resume', 'exp-1'], { cwd, env: { API_TOKEN: TOKEN } });
  expect(resumed.exitCode, resumed.stderr).toBe(0);
  expect([...filesWith(project, wrong), ...filesWith(project, TOKEN)]).toEqual([]);
  const record = await project.readJson<ExperimentRecord>('experiments/exp-1/experiment.json');
  expect(record.stages[0]?.report).toBe('with ***');
  expect(record.environment.withheld).toContain('API_TOKEN');
});

test('a command line is recorded without a token that was typed', async () => {
  const project = await makeProject(files);
  await runPipe(['run', 'fetch.yaml', '--set', `fetch.token=${TOKEN}`], {
    cwd: project.dir,
    env: { API_TOKEN: 'unused' },
  });
  const { command } = await project.readJson<ExperimentRecord>('experiments/exp-1/experiment.json');
  expect(command).toEqual(['pipe', 'run', 'fetch.yaml', '--set', 'fetch.token=***']);
});

test('an experiment keeps what git does not have, and shows it', async () => {
  const project = await makeProject({ ...files, 'package-lock.json': '{}' });
  const { dir: cwd } = project;
  const git = (...args: readonly string[]) => execa('git', args, { cwd });
  await git('init', '-q', '-b', 'main');
  await git('add', 'fetch.ts', 'package-lock.json');
  await git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-qm', 'x');
  await project.write('fetch.ts', `${fetchStage}// changed\n`);
  await runPipe(['run', 'fetch.yaml'], { cwd, env: { API_TOKEN: TOKEN, PIPE_NOTE: 'a note' } });
  expect(await project.read('experiments/exp-1/source/changes.patch')).toContain('\n+// changed\n');
  const copies = 'experiments/exp-1/source/files';
  expect(await project.read(`${copies}/fetch.yaml`)).toBe(files['fetch.yaml']);
  expect(await project.read(`${copies}/right.ts.txt`)).toBe(files['right.ts']);
  const { stdout } = await runPipe(['show', 'exp-1'], { cwd });
  expect(stdout).toMatch(/^ {2}git +[0-9a-f]{40} \(main\), 1 changed file: source\/changes\.patch$/m);
  expect(stdout).toMatch(/^ {2}source +3 files, 2 of them not in git: source\/$/m);
  expect(stdout).toMatch(/^ {2}lockfile +package-lock\.json [0-9a-f]{12}$/m);
  expect(stdout).toMatch(/^ {2}variables .*PIPE_NOTE=a note/m);
  expect(stdout).toMatch(/^ {2}withheld +.*API_TOKEN/m);
});
