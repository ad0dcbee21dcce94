/** Lets plain scripts import the project's TypeScript. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
let bundles = 0;

/**
 * Bundles modules of the repository, such as `src/tensorflow/index.ts`, and imports what they export. Packages stay outside. What
 * modules share is shared only within one call: layers are compared by identity.
 */
export async function importSource(...paths) {
  // Two folders below the root, as the sources are: they find the package's files from there.
  const folder = join(root, 'dist-bench', 'sources');
  const bundle = join(folder, `${process.pid}-${bundles++}.mjs`);
  const contents = paths.map(
    path => `export * from ${JSON.stringify(isAbsolute(path) ? path : `./${path}`)};\n`,
  );
  mkdirSync(folder, { recursive: true });
  try {
    await build({
      absWorkingDir: root,
      stdin: { contents: contents.join(''), resolveDir: root },
      outfile: bundle,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(bundle).href);
  } finally {
    rmSync(bundle, { force: true });
  }
}

/** The fixture of an independent Keras run: see tests/fixtures/reference/README.md. */
export function readReference(model) {
  return JSON.parse(readFileSync(join(root, 'tests', 'fixtures', 'reference', `${model}.json`), 'utf8'));
}
