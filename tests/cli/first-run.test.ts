import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { findNative } from '../../src/tensorflow/provision/find-native.ts';
import { libraryDir } from '../../src/tensorflow/provision/layout.ts';
import { makeProject, runPipe, startPipe } from '../rig/pipe.ts';
import { givePip, makeMachine, type Machine } from '../tensorflow/provision/rig.ts';

const computing = `import { defineStage, Type } from 'pipe-dl';
export default defineStage({
  name: 'computing',
  version: 1,
  summary: 'Computes.',
  params: Type.Object({}),
  inputs: {},
  outputs: {},
  async run({ tensorflow, report }) {
    report((await tensorflow()).kind);
    return {};
  },
});
`;

const files = {
  'computing.ts': computing,
  'counting.ts': computing
    .replace('computing', 'counting')
    .replace('{ tensorflow, report }', '{ report }')
    .replace('(await tensorflow()).kind', "'none'"),
  'compute.yaml': 'name: compute\nstages:\n  - use: ./computing.ts\n',
  'count.yaml': 'name: count\nstages:\n  - use: ./counting.ts\n',
};

/** A project on a machine where a run may set TensorFlow up. */
async function projectOn(machine: Machine) {
  const project = await makeProject(files);
  const options = { cwd: project.dir, env: { ...machine.env, PIPE_SETUP: undefined } };
  return {
    exists: (path: string) => project.exists(path),
    start: (...args: string[]) => startPipe(args, options),
    run: (...args: string[]) => runPipe(args, options),
    record: () => project.readJson<ExperimentRecord>('experiments/exp-1/experiment.json'),
  };
}

/** The tester's own library without addons, and a compiler that makes them: copies of the tester's. */
async function giveRealLibrary(machine: Machine): Promise<void> {
  const own = findNative(process.env);
  if (own === undefined) throw new Error('pipe setup');
  const dir = libraryDir(machine.env, 'cpu');
  await mkdir(dir, { recursive: true });
  await symlink(own.lib, join(dir, 'lib'));
  await writeFile(join(dir, 'library.json'), '{}');
  await machine.program(
    'g++',
    `[ "$1" = --version ] && echo "g++ 99.0" && exit
while [ "$1" != -o ]; do shift; done
cp "${dirname(own.addon)}/$(basename "$2")" "$2"`,
  );
}

test('the first run of a stage that computes sets TensorFlow up and computes with it', async () => {
  const machine = await makeMachine();
  await giveRealLibrary(machine);
  const { run, record } = await projectOn(machine);
  const { exitCode, stderr } = await run('run', 'compute.yaml');
  expect(stderr).toContain('computing: TensorFlow is needed and set up first, once, in');
  expect(stderr).toMatch(/^check: .*TensorFlow 2\.21\.0 works/m);
  expect(exitCode).toBe(0);
  expect((await record()).environment.tensorflow).toMatchObject({ kind: 'native-cpu' });

  const again = await run('run', 'compute.yaml');
  expect(again.stderr).toContain('equals exp-1');
  expect(again.stderr).not.toContain('set up');
});

test('where the set-up fails, the run says so and goes on in JavaScript', async () => {
  const { run, record } = await projectOn(await makeMachine());
  const { exitCode, stderr } = await run('run', 'compute.yaml');
  expect(stderr).toContain('fetch TensorFlow 2.21.0, CPU build: 273.8 MB, once');
  expect(stderr).toContain('error: pip was not found.');
  expect(stderr).toContain('Continuing without it. To skip the set-up: PIPE_SETUP=never');
  expect(exitCode).toBe(0);
  expect((await record()).environment.tensorflow).toMatchObject({ kind: 'javascript' });
});

test.each([
  ['a run without a stage that computes', ['run', 'count.yaml']],
  ['a dry run', ['run', 'compute.yaml', '--dry-run']],
])('%s sets nothing up', async (_, words) => {
  const { run } = await projectOn(await makeMachine());
  const { exitCode, stderr } = await run(...words);
  expect(stderr).not.toContain('set up');
  expect(exitCode).toBe(0);
});

test('Ctrl-C ends the set-up and the run, and no experiment is made', async () => {
  const machine = await makeMachine();
  await execa('mkfifo', ['started'], { cwd: machine.dir });
  await givePip(machine, `echo > "${machine.dir}/started"; while kill -0 $PPID; do sleep 0.1; done`);
  const { start, exists } = await projectOn(machine);
  const pipe = start('run', 'compute.yaml');
  await readFile(join(machine.dir, 'started'));
  pipe.kill('SIGINT');
  const { exitCode, stderr } = await pipe.finished;
  expect(stderr).toContain('Nothing half-made is left');
  expect(exitCode).toBe(130);
  expect(await exists('experiments/exp-1')).toBe(false);
  expect(await machine.listing()).toEqual([]);
});
