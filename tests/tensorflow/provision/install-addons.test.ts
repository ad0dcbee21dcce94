import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { addonsOf, compileAddons } from '../../../src/tensorflow/provision/compile-addons.ts';
import { findNative, installedLibrary } from '../../../src/tensorflow/provision/find-native.ts';
import { installAddons } from '../../../src/tensorflow/provision/install-addons.ts';
import { libraryDir } from '../../../src/tensorflow/provision/layout.ts';
import { planProvision } from '../../../src/tensorflow/provision/provision.ts';
import { giveCompiler, giveLibrary, makeMachine, stepIds, type Machine } from './rig.ts';

const compile = (machine: Machine) =>
  compileAddons({ env: machine.env, native: installedLibrary(machine.env, 'cpu') });

test('what is there already is not done again', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  expect(await stepIds(machine)).toEqual(['addon', 'check']);
  await giveCompiler(machine);
  await compile(machine);
  expect(await stepIds(machine)).toEqual([]);
});

test('the addon is linked with the library beside it, so that the folder may be moved', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  await giveCompiler(machine);
  await compile(machine);
  const words = await readFile(join(machine.dir, 'compiler-arguments'), 'utf8');
  expect(words).toContain('-l:libtensorflow_cc.so.2');
  expect(words).toContain('-Wl,-rpath,$ORIGIN/lib');
});

test('without a compiler the command that installs it is named, and the library stays', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  await expect(compile(machine)).rejects.toMatchObject({
    code: 'no-compiler',
    hint: expect.stringContaining('apt-get install g++') as string,
  });
  expect(await stepIds(machine)).toEqual(['addon', 'check']);
});

/** Addons of this content, as a package brings them along. */
async function prebuiltAddons(machine: Machine, content: string): Promise<string> {
  const from = join(machine.dir, 'prebuilt');
  await mkdir(from);
  for (const { target } of addonsOf(installedLibrary(machine.env, 'cpu')))
    await writeFile(join(from, basename(target)), content);
  return from;
}

test('addons that came with the package take no compiler', async () => {
  const own = findNative(process.env);
  if (own === undefined || own.build !== 'cpu') throw new Error('pipe setup --build cpu');
  const machine = await makeMachine();
  const dir = libraryDir(machine.env, 'cpu');
  await mkdir(dir, { recursive: true });
  await symlink(own.lib, join(dir, 'lib'));
  await writeFile(join(dir, 'library.json'), '{}');
  const options = { env: machine.env, native: installedLibrary(machine.env, 'cpu') };
  expect(await installAddons(options, dirname(own.addon))).toMatch(/^prebuilt: .*tfjs_binding/);
  expect(await stepIds(machine)).toEqual([]);
});

test('prebuilt addons that do not load here are compiled, and it is said why', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  const from = await prebuiltAddons(machine, 'for another system');
  const options = { env: machine.env, native: installedLibrary(machine.env, 'cpu') };
  await expect(installAddons(options, from)).rejects.toMatchObject({
    code: 'no-compiler',
    details: [expect.stringMatching(/came with pipe do not load on this system: .*tfjs_binding/)],
  });
  expect(await stepIds(machine)).toEqual(['addon', 'check']);
  await giveCompiler(machine);
  expect(await installAddons(options, from)).toMatch(
    /^compiled, as the prebuilt ones do not load here \(.*tfjs_binding/,
  );
  expect(await readFile(options.native.addon, 'utf8')).toBe('an addon\n');
});

test('a compiler that fails is quoted, and no half addon is left', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  await machine.program(
    'g++',
    '[ "$1" = --version ] && echo "g++ 4.8" && exit\necho "error: c++17?" >&2; exit 1',
  );
  await expect(compile(machine)).rejects.toMatchObject({
    code: 'addon-not-compiled',
    message: expect.stringContaining('g++ 4.8') as string,
    details: ['error: c++17?'],
  });
  expect(await stepIds(machine)).toEqual(['addon', 'check']);
});

test('PIPE_TENSORFLOW names a library of the user’s own, and only the addon is made', async () => {
  const machine = await makeMachine();
  const folder = join(machine.dir, 'libtensorflow');
  await mkdir(join(folder, 'include', 'tensorflow', 'c'), { recursive: true });
  await mkdir(join(folder, 'lib'));
  await writeFile(join(folder, 'include', 'tensorflow', 'c', 'c_api.h'), '');
  for (const name of ['libtensorflow.so.2', 'libtensorflow_framework.so.2'])
    await writeFile(join(folder, 'lib', name), '');
  await giveCompiler(machine);

  const steps = await planProvision({ env: { ...machine.env, PIPE_TENSORFLOW: folder } });
  expect(steps.map(step => step.id)).toEqual(['addon', 'check']);
  await steps[0]?.run({ onProgress: () => undefined });
  const words = await readFile(join(machine.dir, 'compiler-arguments'), 'utf8');
  expect(words).toContain('-l:libtensorflow.so.2');
  expect(words).toContain(`-Wl,-rpath,${join(folder, 'lib')}`);
});

test('PIPE_TENSORFLOW that names nothing usable says what was looked for', async () => {
  const machine = await makeMachine();
  const env = { ...machine.env, PIPE_TENSORFLOW: machine.dir };
  await expect(planProvision({ env })).rejects.toMatchObject({
    code: 'no-tensorflow-there',
    exitCode: 2,
    message: expect.stringContaining(machine.dir) as string,
    details: [expect.stringContaining('libtensorflow_framework.so.2')],
  });
});
