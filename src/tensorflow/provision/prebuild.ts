import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { addonsOf, compileAddon } from './compile-addons.ts';
import type { Compiler } from './compiler.ts';
import { installedLibrary } from './find-native.ts';
import { kernelsOfX64 } from './kernels.ts';
import { addonPath, hasLibrary, libraryDir, quietPath } from './layout.ts';
import type { Env } from '../../core/env.ts';

/** The version of the GNU C library that TensorFlow needs. Addons that need no newer one run wherever TensorFlow does. */
const GLIBC = [2, 27] as const;

/**
 * Compiles the addons of a package for x64 Linux into `dir`, the kernels for each instruction set. Part of packing
 * (scripts/prepack.js), not of the command. Throws a Failure without the CPU library (`no-library`) and for an addon that would
 * not run everywhere (`not-portable`).
 */
export async function prebuildAddons(compiler: Compiler, dir: string, env: Env): Promise<void> {
  if (!hasLibrary(libraryDir(env, 'cpu')))
    throw new Failure({
      code: 'no-library',
      message: 'The addons are linked with TensorFlow’s library.',
      hint: 'pipe setup --build cpu',
    });
  const native = { ...installedLibrary(env, 'cpu'), addon: addonPath(dir), quiet: quietPath(dir) };
  const addons = kernelsOfX64(dir).flatMap(kernels => addonsOf({ ...native, kernels }));
  const work = { ...env, PIPE_HOME: join(dir, '..', '..') };
  for (const [target, addon] of new Map(addons.map(each => [each.target, each]))) {
    await compileAddon(compiler, { ...addon, args: ['-s', ...addon.args] }, { env: work });
    requirePortable(target);
  }
}

/** Checks an addon's required libraries and symbol versions, whose names are plain text in the file. */
function requirePortable(path: string): void {
  const text = readFileSync(path, 'latin1');
  const needed = [...text.matchAll(/\bGLIBC_(\d+)\.(\d+)/g)].map(
    ([, a, b]) => [Number(a), Number(b)] as const,
  );
  const tooNew = needed.filter(([major, minor]) => major !== GLIBC[0] || minor > GLIBC[1]);
  const library = /\blibstdc\+\+\.so\.\d+/.exec(text)?.[0];
  if (tooNew.length === 0 && library === undefined) return;
  const reason = library ?? `glibc ${tooNew.map(version => version.join('.')).join(', ')}`;
  throw new Failure({
    code: 'not-portable',
    message: `${basename(path)} would need ${reason}, which is not on every system that TensorFlow runs on.`,
    hint: 'python3 -m pip install ziglang, and pack again',
  });
}
