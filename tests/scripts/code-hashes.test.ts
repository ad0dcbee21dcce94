import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../run/rig.ts';

test('code of a built-in stage counts as far as the stage reaches it, and comments not at all', async () => {
  const { codeHashes } = (await import('../../scripts/code-hashes.js')) as {
    codeHashes: (root: string, external: readonly string[]) => Promise<Record<string, string>>;
  };
  const root = await temporaryFolder();
  const place = async (name: string, text: string) => {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  };
  await place('src/core/words.ts', `export const long = 'long';\nexport const short = 'short';\n`);
  await place(
    'src/stages/one.ts',
    `import { long } from '../core/words.ts';\nexport default { run: () => long };\n`,
  );
  await place(
    'src/stages/two.ts',
    `import { short } from '../core/words.ts';\nexport default { run: () => short };\n`,
  );
  await place('src/tensorflow/index.ts', `export const version = 1;\n`);
  const before = await codeHashes(root, []);
  expect(Object.keys(before)).toEqual(['one', 'two', '/tensorflow']);
  await place(
    'src/core/words.ts',
    `/** Words. */\nexport const long = 'long'; // a word\nexport const short = 'short';\n`,
  );
  expect(await codeHashes(root, [])).toEqual(before);
  await place('src/core/words.ts', `export const long = 'very long';\nexport const short = 'short';\n`);
  expect(await codeHashes(root, [])).toEqual({
    ...before,
    one: expect.not.stringMatching(before['one'] ?? '') as string,
  });
});
