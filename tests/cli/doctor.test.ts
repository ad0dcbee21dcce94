import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findNative } from '../../src/tensorflow/provision/find-native.ts';
import type { Finding } from '../../src/tensorflow/provision/examine.ts';
import { runPipe } from '../rig/pipe.ts';
import {
  giveCompiler,
  giveLibrary,
  givePip,
  makeMachine,
  type Machine,
} from '../tensorflow/provision/rig.ts';

const doctor = (machine: Machine, env = {}, ...args: string[]) =>
  runPipe(['doctor', ...args], { cwd: machine.dir, env: { ...machine.env, ...env } });

async function findings(machine: Machine, env = {}): Promise<Record<string, Finding | undefined>> {
  const { stdout } = await doctor(machine, env, '--json');
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  return Object.fromEntries(findings.map(finding => [finding.id, finding]));
}

test('a bare machine is told everything that is missing and the commands that fix it', async () => {
  const { exitCode, stderr, stdout } = await doctor(await makeMachine());
  expect(stdout).toMatch(/^ok +Node +2\d\./m);
  expect(stdout).toMatch(/^missing +C\+\+ compiler +not found\n +→ sudo apt-get install g\+\+/m);
  expect(stdout).toMatch(/^missing +pip +not found\n +→ sudo apt-get install python3-pip/m);
  expect(stdout).toMatch(/^missing +TensorFlow library +not fetched yet.*\n +→ pipe setup/m);
  expect(stdout).toMatch(/^missing +TensorFlow addon +not there yet\n +→ pipe setup/m);
  expect(stdout).toMatch(/^– +Kernels +none without the library$/m);
  expect(stdout).toMatch(/^– +GPU +no NVIDIA GPU; none is needed/m);
  expect(stdout).toMatch(/^ok +oneDNN/m);
  expect(stdout).toMatch(/^ok +Cache +0 B/m);
  expect(stdout).toMatch(/Disk space +.* free/);
  expect(stderr).toBe('');
  expect(exitCode).toBe(1);
});

test('tools are found by asking them', async () => {
  const machine = await makeMachine();
  await givePip(machine);
  await giveCompiler(machine);
  expect(await findings(machine)).toMatchObject({
    pip: { state: 'ok', text: 'pip 99.0' },
    compiler: { state: 'ok', text: 'g++ 99.0' },
  });
});

test('pip is not missed where the library is there already', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  expect(await findings(machine)).toMatchObject({
    pip: { state: 'absent' },
    compiler: { state: 'missing' },
    library: { state: 'ok' },
  });
});

test('an addon that does not load is tried, and found out', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine, 'not an addon');
  expect(await findings(machine)).toMatchObject({
    addon: { state: 'missing', fix: expect.stringMatching(/^rm .* && pipe setup$/) as string },
    build: { state: 'absent' },
  });
});

test('settings of the environment that matter are shown', async () => {
  const machine = await makeMachine();
  await machine.program('nvidia-smi', 'echo "GPU 0: NVIDIA T4 (UUID: GPU-1)"');
  const env = {
    CUDA_VISIBLE_DEVICES: undefined,
    PIPE_TENSORFLOW: '/nowhere',
    PIPE_BACKEND: 'javascript',
    TF_ENABLE_ONEDNN_OPTS: '0',
  };
  expect(await findings(machine, env)).toMatchObject({
    library: { state: 'missing', text: expect.stringContaining('/nowhere') as string },
    build: { state: 'absent', fix: 'unset PIPE_BACKEND' },
    onednn: { state: 'absent', fix: 'unset TF_ENABLE_ONEDNN_OPTS' },
    gpu: { state: 'ok', text: 'NVIDIA T4' },
  });
});

test('CIFAR-10 is found where load-cifar finds it, and a wrong CIFAR10_DIR is missed', async () => {
  const machine = await makeMachine();
  expect(await findings(machine)).toMatchObject({ dataset: { state: 'absent' } });
  expect(await findings(machine, { CIFAR10_DIR: machine.dir })).toMatchObject({
    dataset: { state: 'missing', text: expect.stringContaining('not a CIFAR-10 folder') as string },
  });
  const folder = join(machine.dir, 'data', 'cifar-10-batches-bin');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'data_batch_1.bin'), '');
  expect(await findings(machine)).toMatchObject({ dataset: { state: 'ok', text: folder } });
});

test.skipIf(findNative(process.env) === undefined)('a machine that is set up is fine', async () => {
  const { exitCode, stdout } = await runPipe(['doctor', '--json'], { cwd: (await makeMachine()).dir });
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  expect(stdout).toContain('loads and computes: TensorFlow 2.');
  expect(exitCode).toBe(0);
});
