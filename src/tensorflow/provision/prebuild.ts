import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Failure } from '../../core/failure.ts';
import { codeDir } from '../../host/paths.ts';
import { addonsOf, compileAddon } from './compile-addons.ts';
import type { Compiler } from './compiler.ts';
import { installedLibrary } from './find-native.ts';
import { kernelsOfX64 } from './kernels.ts';
import { addonPath, hasLibrary, libraryDir, quietPath } from './layout.ts';
import type { Env } from '../../core/env.ts';

/** The version of the GNU C library that TensorFlow needs. Addons that need no newer one run wherever TensorFlow does. */
const GLIBC = [2, 27] as const;

/** Bytes of all addons in the package, compressed as npm does: their share of the 2 MB that the package may have. */
export const PREBUILT_BYTES = 350_000;

/** Leaves out what nothing calls: an addon exports one function, but contains the C++ library. */
const SMALL = [
  join(codeDir, 'tensorflow', 'provision', 'plain-names.cc'),
  ...['-s', '-fvisibility=hidden', '-ffunction-sections', '-fdata-sections', '-Wl,--gc-sections'],
];

/**
 * Compiles the addons of a package for x64 Linux into `dir`, the kernels for each instruction set. Part of packing
 * (scripts/prepack.js), not of the command. Throws a Failure without the CPU library (`no-library`), for an addon that would
 * not run everywhere (`not-portable`), and for addons that are too large together (`addons-too-large`).
 */
export async function prebuildAddons(compiler: Compiler, dir: string, env: Env): Promise<void> {
  if (!hasLibrary(libraryDir(env, 'cpu')))
    throw new Failure({
      code: 'no-library',
      message: 'The addons are linked with TensorFlow’s library.',
      hint: 'pipe setup --build cpu',
    });
  const native = { ...installedLibrary(env, 'cpu'), addon: addonPath(dir), quiet: quietPath(dir) };
  const all = kernelsOfX64(dir).flatMap(kernels => addonsOf({ ...native, kernels }));
  const addons = [...new Map(all.map(each => [each.target, each])).values()];
  const work = { ...env, PIPE_HOME: join(dir, '..', '..') };
  for (const addon of addons) {
    await compileAddon(compiler, { ...addon, args: [...SMALL, ...addon.args] }, { env: work });
    requirePortable(addon.target);
  }
  requireSmall(addons.map(({ target }) => target));
}

/** Checks what the addons add to the package. */
function requireSmall(paths: readonly string[]): void {
  const sizes = paths.map(path => gzipSync(readFileSync(path), { level: 9 }).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= PREBUILT_BYTES) return;
  throw new Failure({
    code: 'addons-too-large',
    message: `The addons have ${total} bytes compressed, and may have ${PREBUILT_BYTES}: the package has 2 MB at most.`,
    details: paths.map((path, index) => `${basename(path)}: ${sizes[index]} bytes`),
    hint: 'nm -SC --size-sort on an addon compiled without -s names its largest functions',
  });
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
