import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { stageCode } from '../../../src/run/fingerprint/stage-code.ts';
import { temporaryFolder } from '../rig.ts';

const paths = vi.hoisted(() => ({ publicModule: '' }));

vi.mock('../../../src/host/paths.ts', async original => ({
  ...(await original<object>()),
  get publicModule() {
    return paths.publicModule;
  },
}));

let dir = '';

beforeEach(async () => {
  dir = await temporaryFolder();
  paths.publicModule = join(dir, 'pipe', 'index.ts');
  await place({
    'pipe/index.ts': `export { draw } from './random.ts';\nexport const defineStage = (stage: object) => stage;\n`,
    'pipe/random.ts': `export const draw = () => 4;\n`,
    'my/dice.ts': `import { defineStage, draw } from 'pipe';\nexport default defineStage({ run: () => draw() });\n`,
    'my/plain.ts': `import { defineStage } from 'pipe';\nexport default defineStage({ run: () => 1 });\n`,
  });
});

const place = async (files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
};

const codeOf = async (file: string) => (await stageCode({ use: file, files: [join(dir, file)] })).code;

test('code of pipe that a user’s stage imports counts, and only that', async () => {
  const [dice, plain] = [await codeOf('my/dice.ts'), await codeOf('my/plain.ts')];
  await place({ 'pipe/random.ts': `export const draw = () => 5;\n` });
  expect(await codeOf('my/dice.ts')).not.toBe(dice);
  expect(await codeOf('my/plain.ts')).toBe(plain);
});

test('where the code lies means nothing', async () => {
  const before = await codeOf('my/dice.ts');
  await place({
    'elsewhere/far/dice.ts': `import { defineStage, draw } from 'pipe';\nexport default defineStage({ run: () => draw() });\n`,
  });
  expect(await codeOf('elsewhere/far/dice.ts')).toBe(before);
});

test('a package that is a link to a folder outside counts by its code, not by its version', async () => {
  await place({
    'linked/package.json': JSON.stringify({ name: 'linked', version: '1.0.0', main: 'index.js' }),
    'linked/index.js': `export const word = 'one';\n`,
    'my/linking.ts': `import { word } from 'linked';\nexport default { run: () => word };\n`,
  });
  await mkdir(join(dir, 'my', 'node_modules'), { recursive: true });
  await symlink(join(dir, 'linked'), join(dir, 'my', 'node_modules', 'linked'));
  const before = await codeOf('my/linking.ts');
  await place({ 'linked/index.js': `export const word = 'two';\n` });
  expect(await codeOf('my/linking.ts')).not.toBe(before);
});
