/**
 * Bundles src/ into dist/ with esbuild: one entry per stage, so that commands load only what they use. Other files of the code
 * are copied: models, sources of the addons, TensorFlow.js. An installed package has dist/ and no src/. The new folder is renamed
 * into place, so that a command never sees half a build.
 */
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '..', '..');
const dist = join(root, 'dist');

/** Inputs of the build beside src/. */
const SCRIPTS = ['build', 'bundle-tfjs', 'bundled', 'code-hashes', 'compile-validator'].map(
  name => `scripts/${name}.js`,
);

/** Packages with native parts, or with files beside themselves; TensorFlow.js is bundled separately. */
const external = ['@tensorflow/*', 'sharp', '#esbuild', 'node-api-headers', 'undici'];

/** The newest modification time, in milliseconds, of anything that the build reads. */
function newestSource() {
  let newest = 0;
  const visit = folder => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      newest = Math.max(newest, statSync(path).mtimeMs);
    }
  };
  visit(join(root, 'src'));
  for (const file of ['package.json', ...SCRIPTS])
    newest = Math.max(newest, statSync(join(root, file)).mtimeMs);
  return newest;
}

/** True when dist/ exists and is not older than the source. */
export function isFresh() {
  const stamp = join(dist, 'cli', 'main.js');
  return existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource();
}

/** Builds for the command after edits. Without write access to the checkout, the existing build is used. */
export async function buildWhereStale() {
  if (isFresh()) return;
  try {
    accessSync(root, constants.W_OK);
  } catch {
    const usesOld = existsSync(join(dist, 'cli', 'main.js'));
    const what = usesOld ? 'has changed since it was built' : 'is not built';
    process.stderr.write(`pipe: ${root} ${what}, and you may not write there.\n`);
    process.stderr.write('  → npm run build, as its owner\n');
    if (usesOld) return;
    process.exit(1);
  }
  await build();
}

/**
 * esbuild's JavaScript is copied unchanged and resolved by package.json's `imports`: as a dependency it has an install script,
 * which pnpm refuses. Its binaries are optional dependencies, by platform.
 */
const ownEsbuild = {
  name: 'own-esbuild',
  setup: ({ onResolve }) => onResolve({ filter: /^esbuild$/ }, () => ({ path: '#esbuild', external: true })),
};

/** True for folders, and for files that are copied unchanged: networks, sources of addons. */
const isNoModule = path => !path.endsWith('.ts');

/** Bundles everything and replaces dist/. @param packed True to drop white space. */
export async function build({ packed = false } = {}) {
  const [
    { build: bundle },
    { randomUUID },
    { bundledVersions, licences },
    { bundleTfjs },
    { codeHashes },
    { compiledValidator },
  ] = await Promise.all([
    import('esbuild'),
    import('node:crypto'),
    import('./bundled.js'),
    import('./bundle-tfjs.js'),
    import('./code-hashes.js'),
    import('./compile-validator.js'),
  ]);
  const fresh = `${dist}-${randomUUID()}`;
  const started = new Date();
  const stages = readdirSync(join(root, 'src', 'stages')).filter(name => name.endsWith('.ts'));
  try {
    const { metafile } = await bundle({
      absWorkingDir: root,
      entryPoints: [
        'src/cli/main.ts',
        'src/cli/start.ts',
        'src/cli/child.ts',
        'src/cli/reader.ts',
        'src/index.ts',
        ...stages.map(name => `src/stages/${name}`),
      ],
      outdir: fresh,
      outbase: 'src',
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      sourcemap: packed ? false : 'linked',
      minifyWhitespace: packed,
      logLevel: 'warning',
      metafile: true,
      plugins: [compiledValidator(root, fresh), ownEsbuild],
      external,
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    });
    writeFileSync(
      join(fresh, 'stages', 'fingerprints.json'),
      JSON.stringify(await codeHashes(root, external)),
    );
    const metafiles = [metafile, await bundleTfjs(root, fresh)];
    writeFileSync(join(fresh, 'packages.json'), bundledVersions(root, metafiles));
    writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licences(root, metafiles));
    cpSync(join(root, 'node_modules', 'esbuild', 'lib', 'main.js'), join(fresh, 'esbuild', 'lib', 'main.js'));
    cpSync(join(root, 'node_modules', 'esbuild', 'LICENSE.md'), join(fresh, 'esbuild', 'LICENSE.md'));
    writeFileSync(join(fresh, 'esbuild', 'package.json'), '{ "type": "commonjs" }');
    cpSync(join(root, 'src'), fresh, { recursive: true, filter: isNoModule });
    // An edit during the build is newer than this, and is built next time.
    utimesSync(join(fresh, 'cli', 'main.js'), started, started);
    const old = `${dist}-${randomUUID()}`;
    if (existsSync(dist)) renameSync(dist, old);
    try {
      renameSync(fresh, dist);
    } catch (error) {
      // Another process finished the same build first.
      if (!existsSync(dist)) throw error;
    }
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
