/** Lets plain scripts import the project's TypeScript. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles a module of the repository, such as `src/tensorflow/index.ts`, and imports it. Packages stay outside. */
export async function importSource(path) {
  // Two folders below the root, as the sources are: they find the package's files from there.
  const folder = join(root, 'dist-bench', 'sources');
  const bundle = join(folder, `${path.replaceAll(/\W/g, '-')}-${process.pid}.mjs`);
  mkdirSync(folder, { recursive: true });
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [path],
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
