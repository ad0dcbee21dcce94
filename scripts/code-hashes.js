/** `dist/stages/fingerprints.json`: hashes of built-in code, for the lookup of results. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';

/** The code that provides stages with TensorFlow, under a name that no stage can have. */
const TENSORFLOW = { name: '/tensorflow', path: 'tensorflow/index' };

/**
 * Hashes of the code that each stage can reach, and of TENSORFLOW: tree-shaken, minified, bundled packages included. A changed
 * hash invalidates cached results; an edited comment does not change it.
 */
export async function codeHashes(root, external) {
  const stages = readdirSync(join(root, 'src', 'stages')).map(name => ({
    name: name.replace(/\.ts$/, ''),
    path: `stages/${name.replace(/\.ts$/, '')}`,
  }));
  const entries = [...stages, TENSORFLOW];
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: entries.map(({ path }) => `src/${path}.ts`),
    outdir: root,
    outbase: 'src',
    bundle: true,
    write: false,
    // Not the identifiers: their short names also depend on removed code.
    minifySyntax: true,
    minifyWhitespace: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'silent',
    external,
  });
  const hashes = new Map(
    outputFiles.map(({ path, contents }) => [
      relative(root, path).replaceAll('\\', '/').replace(/\.js$/, ''),
      createHash('sha256').update(contents).digest('hex'),
    ]),
  );
  return Object.fromEntries(entries.map(({ name, path }) => [name, hashes.get(path)]));
}
