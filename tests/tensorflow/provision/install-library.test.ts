import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { installLibrary } from '../../../src/tensorflow/provision/install-library.ts';
import { libraryDir } from '../../../src/tensorflow/provision/layout.ts';
import { startPipe } from '../../rig/pipe.ts';
import {
  giveLibrary,
  givePip,
  givePipThatSays,
  makeMachine,
  stepIds,
  tinyRelease,
  type Machine,
} from './rig.ts';

const install = (machine: Machine, release = tinyRelease) =>
  installLibrary({ env: machine.env, release, onProgress: () => undefined });

test('a fresh machine gets the library, its headers and nothing else of the wheel', async () => {
  const machine = await makeMachine();
  await givePip(machine);
  expect(await stepIds(machine)).toEqual(['library', 'addon', 'check']);

  await install(machine);

  expect(await machine.listing()).toEqual(['2.21.0-cpu']);
  const files = await readdir(libraryDir(machine.env, 'cpu'), { recursive: true, withFileTypes: true });
  expect(
    files
      .filter(entry => entry.isFile())
      .map(entry => entry.name)
      .sort(),
  ).toEqual(['c_api.h', 'library.json', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']);
  const record = await readFile(join(libraryDir(machine.env, 'cpu'), 'library.json'), 'utf8');
  expect(JSON.parse(record)).toMatchObject({ tensorflow: '2.21.0', build: 'cpu' });
});

test('pip is asked for the pinned wheel with its hash, whatever Python it belongs to', async () => {
  const machine = await makeMachine();
  await givePip(machine, `cat "$requirements" > "${machine.dir}/asked"`);
  await install(machine);
  const [wheel] = tinyRelease.wheels;
  expect(await readFile(join(machine.dir, 'asked'), 'utf8')).toBe(
    `tensorflow_cpu==2.21.0 --hash=sha256:${wheel?.sha256 ?? ''}\n`,
  );
});

test('python3 -m pip does where there is no pip command', async () => {
  const machine = await makeMachine();
  await givePip(machine);
  const pip = await readFile(join(machine.env.PATH, 'pip'), 'utf8');
  await rm(join(machine.env.PATH, 'pip'));
  await machine.program('python3', `shift 2\n${pip.split('\n').slice(2).join('\n')}`);
  await install(machine);
  expect(await machine.listing()).toEqual(['2.21.0-cpu']);
});

test('a damaged library is fetched again', async () => {
  const machine = await makeMachine();
  await givePip(machine);
  await giveLibrary(machine);
  const library = join(libraryDir(machine.env, 'cpu'), 'lib', 'libtensorflow_cc.so.2');
  await writeFile(library, '');
  expect(await stepIds(machine)).toEqual(['library', 'addon', 'check']);
  await install(machine);
  expect(await readFile(library, 'utf8')).toBe('the C API');
  expect(await machine.listing()).toEqual(['2.21.0-cpu']);
});

test('two set-ups at once do not disturb each other', async () => {
  const machine = await makeMachine();
  // Each pip waits for the other, so that both fetches are under way at once.
  await execa('mkfifo', ['a', 'b'], { cwd: machine.dir });
  await givePip(
    machine,
    `cd "${machine.dir}"; if mkdir first 2>/dev/null; then echo > a; read x < b; else read x < a; echo > b; fi`,
  );
  await Promise.all([install(machine), install(machine)]);
  expect(await machine.listing()).toEqual(['2.21.0-cpu']);
  expect(await stepIds(machine)).toEqual(['addon', 'check']);
});

test('a set-up that is killed halfway leaves nothing that the next one minds', async () => {
  const machine = await makeMachine();
  await execa('mkfifo', ['started'], { cwd: machine.dir });
  await givePip(
    machine,
    `head -c 100000 /dev/zero > "$TMPDIR/half"; echo > "${machine.dir}/started"; while kill -0 $PPID; do sleep 0.1; done; exit 1`,
  );
  const setup = startPipe(['setup', '--build', 'cpu'], { cwd: machine.dir, env: machine.env });
  await readFile(join(machine.dir, 'started'));
  setup.kill('SIGKILL');
  await setup.finished;
  expect(await machine.listing()).toEqual([
    expect.stringMatching(/^\.work-/),
    expect.stringMatching(/^\.work-.*\.json$/),
  ]);

  await givePip(machine);
  await install(machine);
  expect(await machine.listing()).toEqual(['2.21.0-cpu']);
});

test('the folder of a set-up that is still running is left alone', async () => {
  const machine = await makeMachine();
  await execa('mkfifo', ['started', 'go'], { cwd: machine.dir });
  await givePip(machine, `echo > "${machine.dir}/started"; read x < "${machine.dir}/go"`);
  const first = install(machine);
  await readFile(join(machine.dir, 'started'));
  await givePip(machine);
  await install(machine);
  await writeFile(join(machine.dir, 'go'), '\n');
  await first;
  expect(await machine.listing()).toEqual(['2.21.0-cpu']);
});

test('a wheel that is not the pinned one is refused', async () => {
  const machine = await makeMachine();
  await givePip(machine);
  const [wheel] = tinyRelease.wheels;
  const other = { ...tinyRelease, wheels: [{ ...wheel!, sha256: '0'.repeat(64) }] };
  await expect(install(machine, other)).rejects.toMatchObject({
    code: 'wrong-hash',
    message: expect.stringContaining(wheel?.sha256 ?? '') as string,
    details: [expect.stringContaining('0'.repeat(64))],
    hint: expect.stringContaining('pipe setup') as string,
  });
  expect(await machine.listing()).toEqual([]);
});

test.each([
  ['THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.', 'wrong-hash', 'pip config list'],
  [
    'WARNING: Retrying … NewConnectionError: Temporary failure in name resolution',
    'no-network',
    'HTTPS_PROXY',
  ],
  ['no such option: --abi', 'pip-failed', 'install --upgrade pip'],
])('when pip says %s, the failure is %s', async (words, code, hint) => {
  const machine = await makeMachine();
  await givePipThatSays(machine, words);
  await expect(install(machine)).rejects.toMatchObject({
    code,
    details: [words],
    hint: expect.stringContaining(hint) as string,
  });
  expect(await machine.listing()).toEqual([]);
});

test('a disk that fills up while pip fetches is told from other errors', async () => {
  const machine = await makeMachine();
  await givePipThatSays(machine, 'ERROR: … OSError: [Errno 28] No space left on device');
  await expect(install(machine)).rejects.toMatchObject({
    code: 'no-space',
    hint: expect.stringContaining('PIPE_HOME=') as string,
  });
});

test('a PIPE_HOME that cannot be a folder is named', async () => {
  const machine = await makeMachine();
  await givePip(machine);
  await writeFile(machine.env.PIPE_HOME, 'a file');
  await expect(install(machine)).rejects.toMatchObject({
    code: 'not-writable',
    message: expect.stringContaining(machine.env.PIPE_HOME) as string,
    hint: expect.stringContaining('PIPE_HOME=') as string,
  });
});

test('without pip the command that installs it is named', async () => {
  await expect(install(await makeMachine())).rejects.toMatchObject({
    code: 'no-pip',
    hint: expect.stringContaining('apt-get install python3-pip') as string,
  });
});

test('too small a disk is noticed before anything is fetched', async () => {
  const machine = await makeMachine();
  await expect(install(machine, { ...tinyRelease, unpackedBytes: 1e18 })).rejects.toMatchObject({
    code: 'no-space',
    message: expect.stringContaining('1000000.0 TB') as string,
  });
});
