/** `dist/stages/fingerprints.json`: hashes of built-in code, for the lookup of results. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';

/** The code that provides stages with TensorFlow, under a name that no stage can have. */
const TENSORFLOW = { name: '/tensorflow', path: 'tensorflow/index' };

/**
 * Hashes of the code that each stage can reach, of TENSORFLOW, and of what users' stages import from pipe, by export: tree-shaken,
 * minified, bundled packages included. A changed hash invalidates cached results; an edited comment does not change it.
 */
export async function codeHashes(root, external) {
  const stages = readdirSync(join(root, 'src', 'stages')).map(name => ({
    name: name.replace(/\.ts$/, ''),
    path: `stages/${name.replace(/\.ts$/, '')}`,
  }));
  const options = {
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external,
  };
  const index = await build({ ...options, entryPoints: ['src/index.ts'], outdir: root, metafile: true });
  const [{ exports }] = Object.values(index.metafile.outputs);
  const entries = [
    ...[...stages, TENSORFLOW].map(entry => ({ ...entry, from: `src/${entry.path}.ts` })),
    ...exports.map(name => ({ name: `/exports/${name}`, path: `exports/${name}`, from: `export:${name}` })),
  ];
  const { outputFiles } = await build({
    ...options,
    entryPoints: entries.map(({ path, from }) => ({ in: from, out: path })),
    outdir: root,
    // Not the identifiers: their short names also depend on removed code.
    minifySyntax: true,
    minifyWhitespace: true,
    target: 'node20.19',
    logLevel: 'silent',
    plugins: [singleExports(join(root, 'src'))],
  });
  const hashes = new Map(
    outputFiles.map(({ path, contents }) => [
      relative(root, path).replaceAll('\\', '/').replace(/\.js$/, ''),
      createHash('sha256').update(contents).digest('hex'),
    ]),
  );
  return Object.fromEntries(entries.map(({ name, path }) => [name, hashes.get(path)]));
}

/** Entries `export:<name>`: modules that have one export of the public module. */
const singleExports = resolveDir => ({
  name: 'single-exports',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^export:/ }, ({ path }) => ({ path: path.slice(7), namespace: 'export' }));
    onLoad({ filter: /./, namespace: 'export' }, ({ path }) => ({
      contents: `export { ${path} } from './index.ts';`,
      resolveDir,
    }));
  },
});
