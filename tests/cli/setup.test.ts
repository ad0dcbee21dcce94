import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { runPipe, startPipe } from '../rig/pipe.ts';
import { giveCompiler, giveLibrary, givePip, makeMachine } from '../tensorflow/provision/rig.ts';

const setUp = (machine: Awaited<ReturnType<typeof makeMachine>>) =>
  runPipe(['setup', '--build', 'cpu'], { cwd: machine.dir, env: machine.env });

test('a machine that is set up is told so', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine, 'an addon');
  const { exitCode, stderr, stdout } = await setUp(machine);
  expect(stderr).toBe('TensorFlow’s native library is set up: nothing to do.\n');
  expect(stdout).toBe('');
  expect(exitCode).toBe(0);
});

test('what will be done is listed, and the first thing that fails ends it with what mends it', async () => {
  const machine = await makeMachine();
  const { exitCode, stderr } = await setUp(machine);
  expect(stderr).toContain(`Setting up TensorFlow in ${machine.env.PIPE_HOME}/tensorflow:`);
  expect(stderr).toContain('fetch TensorFlow 2.21.0, CPU build: 273.8 MB, once');
  expect(stderr).toMatch(/^library: failed/m);
  expect(stderr).toMatch(/^addon: skipped/m);
  expect(stderr).toContain('error: pip was not found.');
  expect(stderr).toContain('→ sudo apt-get install python3-pip');
  expect(exitCode).toBe(1);
});

test('a wheel that is not the pinned one is refused and removed', async () => {
  const machine = await makeMachine();
  await givePip(machine);
  const { exitCode, stderr } = await setUp(machine);
  expect(stderr).toContain('is not the file that is expected');
  expect(exitCode).toBe(1);
  expect(await machine.listing()).toEqual([]);
});

test('an addon that does not load is noticed at once', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  await giveCompiler(machine);
  const { exitCode, stderr } = await setUp(machine);
  expect(stderr).toMatch(/^check: failed/m);
  expect(stderr).toContain('does not load');
  expect(exitCode).toBe(1);
});

test('Ctrl-C ends a fetch and leaves nothing half-made', async () => {
  const machine = await makeMachine();
  await execa('mkfifo', ['started'], { cwd: machine.dir });
  await givePip(machine, `echo > "${machine.dir}/started"; while kill -0 $PPID; do sleep 0.1; done`);
  const setup = startPipe(['setup', '--build', 'cpu'], { cwd: machine.dir, env: machine.env });
  await readFile(join(machine.dir, 'started'));
  setup.kill('SIGINT');
  const { exitCode, stderr } = await setup.finished;
  expect(stderr).toContain('Interrupted. Nothing half-made is left');
  expect(exitCode).toBe(130);
  expect(await machine.listing()).toEqual([]);
});
