import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { sha256 } from '../../../src/core/sha256.ts';
import { stageCode } from '../../../src/run/fingerprint/stage-code.ts';
import { temporaryFolder } from '../rig.ts';

const paths = vi.hoisted(() => ({ codeHashesFile: '' }));

vi.mock('../../../src/host/paths.ts', async original => ({
  ...(await original<object>()),
  get codeHashesFile() {
    return paths.codeHashesFile;
  },
}));

let dir = '';

beforeEach(async () => {
  dir = await temporaryFolder();
  await place({
    'my/dice.ts': `import { defineStage, draw } from 'pipe';\nexport default defineStage({ run: () => draw() });\n`,
    'my/plain.ts': `import { defineStage } from 'pipe-dl';\nexport default defineStage({ run: () => 1 });\n`,
    'my/named.ts': `import * as pipe from 'pipe';\nexport default pipe.defineStage({ run: () => 1 });\n`,
    'my/all.cjs': `module.exports = { run: () => require('pipe')['dr' + 'aw']() };\n`,
  });
});

const place = async (files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
};

/** The code of a stage, where pipe's build gave its exports these hashes. */
async function codeOf(file: string, exports: Readonly<Record<string, string>> = {}): Promise<string> {
  const hashes = Object.entries({ defineStage: 'one', draw: 'four', ...exports });
  const text = JSON.stringify(Object.fromEntries(hashes.map(([name, hash]) => [`/exports/${name}`, hash])));
  paths.codeHashesFile = join(dir, `${sha256(text)}.json`);
  await place({ [relative(dir, paths.codeHashesFile)]: text });
  return (await stageCode({ use: file, files: [join(dir, file)] })).code;
}

test.each(['my/dice.ts', 'my/all.cjs'])('code of pipe that %s imports counts', async file => {
  expect(await codeOf(file, { draw: 'five' })).not.toBe(await codeOf(file));
});

test.each(['my/plain.ts', 'my/named.ts'])('and no more than %s imports', async file => {
  expect(await codeOf(file, { draw: 'five' })).toBe(await codeOf(file));
  expect(await codeOf(file, { defineStage: 'two' })).not.toBe(await codeOf(file));
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
