import { createHash } from 'node:crypto';
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
  expect(asked).toMatch(/plain-names\.cc -s -fvisibility=hidden /);
});

test('addons that take more than their share of the package are refused, with the size of each', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine);
  // Digits of hashes compress to half, in four addons.
  const hash = (index: number) => createHash('sha256').update(`${index}`).digest('hex');
  await giveCompiler(machine, Array.from({ length: 3000 }, (_, index) => hash(index)).join(''));
  await expect(prebuild(machine)).rejects.toMatchObject({
    code: 'addons-too-large',
    details: expect.arrayContaining([expect.stringMatching(/^quiet\.node: \d+ bytes$/)]) as string[],
  });
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
