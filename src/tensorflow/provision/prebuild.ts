import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { addonsOf, compileAddon } from './compile-addons.ts';
import type { Compiler } from './compiler.ts';
import { installedLibrary } from './find-native.ts';
import { kernelsOfX64 } from './kernels.ts';
import { addonPath, hasLibrary, libraryDir, quietPath, type Env } from './layout.ts';

/** The GNU C library that TensorFlow's own library needs; what is built for an older one runs wherever that does. */
const GLIBC = [2, 27] as const;

/**
 * Compiles every addon into `dir`, our kernels for each instruction set: what a package for x64 Linux brings along. A part of
 * packing (scripts/prepack.js), not of the command.
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
    await compileAddon(compiler, { ...addon, words: ['-s', ...addon.words] }, { env: work });
    requirePortable(target);
  }
}

/** Names of libraries and versions of symbols stand in the file in plain text. */
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
