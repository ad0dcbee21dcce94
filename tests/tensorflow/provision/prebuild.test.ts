import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findCompiler } from '../../../src/tensorflow/provision/compiler.ts';
import { prebuildAddons } from '../../../src/tensorflow/provision/prebuild.ts';
import { giveCompiler, giveLibrary, makeMachine, type Machine } from './rig.ts';

const prebuild = async (machine: Machine) => {
  const compiler = await findCompiler(machine.env);
  if (compiler === undefined) throw new Error('the machine has no compiler');
  const dir = join(machine.dir, 'dist', 'addons', 'linux-x64');
  await prebuildAddons(compiler, dir, machine.env);
  return dir;
};

test('a package gets each addon, and the kernels for each instruction set', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  await giveCompiler(machine);
  const names = (await readdir(await prebuild(machine))).sort();
  expect(names).toEqual([
    expect.stringMatching(/^kernels-avx2-\w{12}\.node$/),
    expect.stringMatching(/^kernels-avx512-\w{12}\.node$/),
    'quiet.node',
    expect.stringMatching(/^tfjs_binding-/),
  ]);
  const asked = await readFile(join(machine.dir, 'compiler-arguments'), 'utf8');
  expect(asked).toContain('-Wl,-rpath,$ORIGIN/lib');
  expect(asked).toMatch(/ -s /);
});

test.each([
  ['GLIBC_2.34 GLIBC_2.17', 'glibc 2.34'],
  ['libstdc++.so.6', 'libstdc++.so.6'],
])('an addon that needs %s is refused: it would not run everywhere', async (content, needed) => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  await giveCompiler(machine, content);
  await expect(prebuild(machine)).rejects.toMatchObject({
    code: 'not-portable',
    message: expect.stringContaining(needed) as string,
  });
});

test('without the library that the addons are linked with, the command that fetches it is named', async () => {
  const machine = await makeMachine();
  await giveCompiler(machine);
  await expect(prebuild(machine)).rejects.toMatchObject({
    code: 'no-library',
    hint: 'pipe setup --build cpu',
  });
});
