import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { codeDir } from '../../host/paths.ts';
import { COMPILER_HINT, findCompiler, type Compiler } from './compiler.ts';
import type { NativeLibrary } from './find-native.ts';
import { bindingDir, tensorflowHome } from './layout.ts';
import type { Env } from '../../core/env.ts';
import { kernelsSource } from './kernels.ts';
import { inWorkspace } from './workspace.ts';

const require = createRequire(import.meta.url);

export interface AddonOptions {
  readonly env: Env;
  readonly native: NativeLibrary;
  readonly signal?: AbortSignal | undefined;
}

/** One addon to compile. */
export interface Addon {
  /** Path of the compiled addon. */
  readonly target: string;
  /** Arguments of the compiler: sources, flags, libraries. */
  readonly args: readonly string[];
}

/** The addon that mutes stderr, pipe's kernels, and TensorFlow.js's own addon, in the order of compilation. */
export function addonsOf(native: NativeLibrary): readonly Addon[] {
  const { addon, quiet, kernels } = native;
  const args = kernels && [kernelsSource, '-O3', ...kernels.flags, ...libraryArguments(native)];
  return [
    { target: quiet, args: [join(codeDir, 'tensorflow', 'provision', 'quiet.cc')] },
    ...(kernels && args ? [{ target: kernels.addon, args }] : []),
    { target: addon, args: tfjsArguments(native) },
  ];
}

/** Addons that are not installed yet. */
export const missingAddons = (native: NativeLibrary): readonly Addon[] =>
  addonsOf(native).filter(({ target }) => !existsSync(target));

/**
 * Compiles the missing addons against the TensorFlow library, with one compiler call each, and renames each into place. Throws a
 * Failure without a compiler (`no-compiler`) and for one that fails (`addon-not-compiled`).
 */
export async function compileAddons(options: AddonOptions): Promise<void> {
  const compiler = await findCompiler(options.env);
  if (compiler === undefined) {
    throw new Failure({
      code: 'no-compiler',
      message: 'No C++ compiler was found. One small addon is compiled to reach TensorFlow from Node.',
      hint: COMPILER_HINT,
    });
  }
  for (const addon of missingAddons(options.native)) await compileAddon(compiler, addon, options);
}

/** Compiles one addon; an addon that is in place is complete, however the call ends. */
export async function compileAddon(
  compiler: Compiler,
  { target, args }: Addon,
  { env, signal }: Pick<AddonOptions, 'env' | 'signal'>,
): Promise<void> {
  const { execa } = await import('execa');
  const { include_dir: nodeHeaders } = require('node-api-headers') as { include_dir: string };
  await inWorkspace(tensorflowHome(env), async dir => {
    const output = join(dir, basename(target));
    const result = await execa(
      compiler.command,
      [...(compiler.args ?? []), '-shared', '-fPIC', '-O2', '-w', '-I', nodeHeaders, ...args, '-o', output],
      { env, extendEnv: false, reject: false, ...(signal && { cancelSignal: signal }) },
    );
    signal?.throwIfAborted();
    if (result.failed) throw notCompiled(compiler, result.stderr);
    await mkdir(dirname(target), { recursive: true });
    await rename(output, target);
  });
}

function tfjsArguments(native: NativeLibrary): readonly string[] {
  const binding = bindingDir();
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map(name => join(binding, name));
  return ['-DNAPI_VERSION=8', '-I', binding, ...sources, ...libraryArguments(native)];
}

const libraryArguments = ({ include, lib, libraries, rpath }: NativeLibrary): readonly string[] => [
  ...['-std=c++17', '-I', include],
  ...['-L', lib, ...libraries.map(name => `-l:${name}`), `-Wl,-rpath,${rpath}`],
];

const notCompiled = (compiler: Compiler, output: string): Failure =>
  new Failure({
    code: 'addon-not-compiled',
    message: `${compiler.command} (${compiler.version}) could not compile the TensorFlow addon.`,
    details: output.split('\n').slice(0, 12),
    hint: 'C++17 is needed: g++ 9 or newer, or clang++ 10 or newer; name one with CXX=…, then: pipe setup',
  });
