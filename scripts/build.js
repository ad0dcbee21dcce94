/**
 * Bundles src/ into dist/ with esbuild: one entry per stage, so that commands load only what they use.
 * The new folder is renamed into place whole, so that a command never sees half a build.
 */
import {
  existsSync,
  readFileSync,
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
  for (const file of ['package.json', 'scripts/build.js', 'scripts/compile-validator.js'])
    newest = Math.max(newest, statSync(join(root, file)).mtimeMs);
  return newest;
}

/** True when dist/ is there and not older than the source; always true where there is no source (a package). */
export function isFresh() {
  if (!existsSync(join(root, 'src'))) return true;
  const stamp = join(dist, 'cli', 'main.js');
  return existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource();
}

/** A hash of everything that a module imports, itself included, packages that are bundled too. */
function codeHash({ inputs }, entry, hash) {
  const files = new Set();
  const visit = file => {
    if (files.has(file) || inputs[file] === undefined) return;
    files.add(file);
    for (const { path } of inputs[file].imports) visit(path);
  };
  visit(entry);
  for (const file of [...files].sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

/** By stage, and of what makes TensorFlow what stages get: a change of code changes the results that are kept. */
async function codeHashes(metafile, stages) {
  const { createHash } = await import('node:crypto');
  const entries = stages.map(name => [name.replace(/\.ts$/, ''), `src/stages/${name}`]);
  const all = [...entries, ['/tensorflow', 'src/tensorflow/index.ts']];
  return Object.fromEntries(
    all.map(([name, entry]) => [name, codeHash(metafile, entry, createHash('sha256'))]),
  );
}

export async function build() {
  const [{ build: bundle }, { randomUUID }, { compiledValidator }] = await Promise.all([
    import('esbuild'),
    import('node:crypto'),
    import('./compile-validator.js'),
  ]);
  const fresh = `${dist}-${randomUUID()}`;
  const started = new Date();
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const stages = readdirSync(join(root, 'src', 'stages')).filter(name => name.endsWith('.ts'));
  try {
    const { metafile } = await bundle({
      absWorkingDir: root,
      entryPoints: ['src/cli/main.ts', 'src/index.ts', ...stages.map(name => `src/stages/${name}`)],
      outdir: fresh,
      outbase: 'src',
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      sourcemap: 'linked',
      logLevel: 'warning',
      metafile: true,
      plugins: [compiledValidator(root, fresh)],
      // These have native parts, or find files beside themselves.
      external: Object.keys(dependencies).filter(name =>
        /^@tensorflow\/|^sharp$|^esbuild$|^node-api-headers$/.test(name),
      ),
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    });
    writeFileSync(
      join(fresh, 'stages', 'fingerprints.json'),
      JSON.stringify(await codeHashes(metafile, stages)),
    );
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
