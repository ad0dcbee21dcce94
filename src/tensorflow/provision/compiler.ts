import type { Env } from '../../core/env.ts';

export interface Compiler {
  readonly command: string;
  /** Arguments before those of each call; most compilers need none. */
  readonly args?: readonly string[];
  /** The first line of its `--version`. */
  readonly version: string;
}

/** The command that installs a compiler. */
export const COMPILER_HINT =
  'sudo apt-get install g++   (Fedora: sudo dnf install gcc-c++), then: pipe setup';

/** The first of `$CXX`, g++, c++ and clang++ that runs; undefined for none. */
export async function findCompiler(env: Env): Promise<Compiler | undefined> {
  const { execa } = await import('execa');
  for (const command of [env['CXX'], 'g++', 'c++', 'clang++']) {
    if (!command) continue;
    const result = await execa(command, ['--version'], { env, extendEnv: false, reject: false });
    if (!result.failed) return { command, version: result.stdout.split('\n')[0] ?? '' };
  }
  return undefined;
}
