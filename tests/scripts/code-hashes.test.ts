import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../run/rig.ts';

const { codeHashes } = await import('../../scripts/code-hashes.js');

test('code of a built-in stage and of an export counts as far as it reaches, and comments not at all', async () => {
  const root = await temporaryFolder();
  const place = async (name: string, text: string) => {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  };
  await place('src/core/words.ts', `export const long = 'long';\nexport const short = 'short';\n`);
  for (const [name, word] of [
    ['one', 'long'],
    ['two', 'short'],
  ])
    await place(
      `src/stages/${name}.ts`,
      `import { ${word} } from '../core/words.ts';\nexport default { run: () => ${word} };\n`,
    );
  await place('src/tensorflow/index.ts', `export const version = 1;\n`);
  await place(
    'src/index.ts',
    `import { long } from './core/words.ts';\nexport { short } from './core/words.ts';\nexport const longer = () => long;\n`,
  );
  const hashes = async () => (await codeHashes(root, [])) as Record<string, string>;
  const before = await hashes();
  expect(Object.keys(before)).toEqual(['one', 'two', '/tensorflow', '/exports/longer', '/exports/short']);
  await place(
    'src/core/words.ts',
    `/** Words. */\nexport const long = 'long'; // a word\nexport const short = 'short';\n`,
  );
  expect(await hashes()).toEqual(before);
  await place('src/core/words.ts', `export const long = 'very long';\nexport const short = 'short';\n`);
  const after = await hashes();
  const changed = Object.keys(before).filter(name => after[name] !== before[name]);
  expect(changed).toEqual(['one', '/exports/longer']);
});
