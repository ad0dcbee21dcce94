/**
 * Preparation of `npm pack` and `npm publish`: everything in an installed package, prebuilt.
 *
 *     npm run package                       # in the checkout, whose .npmrc disables npm's own call of this
 *     PIPE_PREBUILT=none npm run package    # without addons, which are then compiled on installation
 *
 * The addons need zig, whose C and C++ libraries run on every Linux that TensorFlow supports: python3 -m pip install ziglang.
 * Nothing else needs it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.js';

const root = resolve(fileURLToPath(import.meta.url), '..', '..');
const TARGET = ['c++', '-target', 'x86_64-linux-gnu.2.18'];

/** The first working C++ compiler of $PIPE_ZIG, zig and Python's package ziglang. */
function findZig() {
  const candidates = [[process.env.PIPE_ZIG], ['zig'], ['python3', '-m', 'ziglang']];
  for (const [command, ...args] of candidates.filter(([command]) => command)) {
    const version = output(command, [...args, 'version']);
    if (version !== undefined) return { command, args: [...args, ...TARGET], version: `zig ${version}` };
  }
  throw new Error(
    'zig was not found, and compiles the addons: python3 -m pip install ziglang, or PIPE_PREBUILT=none',
  );
}

function output(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** The address of Python's package index, the source of TensorFlow's library, read from pip here: users may have no pip. */
function indexAddress() {
  const words = ['-c', 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)'];
  const address = output('python3', words);
  if (address === undefined) throw new Error('python3 with pip was not found, which knows the package index');
  return address;
}

await build({ packed: true });
await import('./build-types.js');
writeFileSync(join(root, 'dist', 'package-index.json'), `${JSON.stringify({ url: indexAddress() })}\n`);
if (process.env.PIPE_PREBUILT !== 'none') {
  const { importSource } = await import('../bench/source.js');
  const { prebuildAddons } = await importSource('src/tensorflow/provision/prebuild.ts');
  const folder = join(root, 'dist', 'addons', 'linux-x64');
  mkdirSync(folder, { recursive: true });
  await prebuildAddons(findZig(), folder, process.env);
}
