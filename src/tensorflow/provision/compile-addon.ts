import { rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { tensorflowHome, tfjsRoot, type Env } from './layout.ts';
import { inWorkspace } from './workspace.ts';

const require = createRequire(import.meta.url);

export interface AddonOptions {
  readonly env: Env;
  /** The addon to make. */
  readonly target: string;
  /** Folders of the TensorFlow library and of its headers. */
  readonly lib: string;
  readonly include: string;
  /** Names of the libraries to link with, in `lib`. */
  readonly libraries: readonly string[];
  /** Where the addon looks for the libraries at run time; `$ORIGIN` is its own folder. */
  readonly rpath: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Compiler {
  readonly command: string;
  /** The first line of its `--version`. */
  readonly version: string;
}

/** The first of `$CXX`, g++, c++ and clang++ that works. */
export async function findCompiler(env: Env): Promise<Compiler | undefined> {
  const { execa } = await import('execa');
  for (const command of [env['CXX'], 'g++', 'c++', 'clang++']) {
    if (!command) continue;
    const result = await execa(command, ['--version'], { env, extendEnv: false, reject: false });
    if (!result.failed) return { command, version: result.stdout.split('\n')[0] ?? '' };
  }
  return undefined;
}

/** Compiles TensorFlow.js's own addon against a TensorFlow library with one compiler call, and renames it into place. */
export async function compileAddon(options: AddonOptions): Promise<void> {
  const { env, signal, target } = options;
  const compiler = await findCompiler(env);
  if (compiler === undefined) {
    throw new Failure({
      code: 'no-compiler',
      message: 'No C++ compiler was found. One small addon is compiled to reach TensorFlow from Node.',
      hint: COMPILER_HINT,
    });
  }
  const { execa } = await import('execa');
  await inWorkspace(tensorflowHome(env), async dir => {
    const output = join(dir, basename(target));
    const result = await execa(compiler.command, compilerArguments(options, output), {
      env,
      extendEnv: false,
      reject: false,
      ...(signal && { cancelSignal: signal }),
    });
    signal?.throwIfAborted();
    if (result.failed) throw notCompiled(compiler, result.stderr);
    await rename(output, target);
  });
}

export const COMPILER_HINT =
  'sudo apt-get install g++   (Fedora: sudo dnf install gcc-c++), then: pipe setup';

function compilerArguments(options: AddonOptions, output: string): string[] {
  const binding = join(tfjsRoot(), 'binding');
  const { include_dir: nodeHeaders } = require('node-api-headers') as { include_dir: string };
  return [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', '-w'],
    ...['-I', nodeHeaders, '-I', options.include, '-I', binding],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map(name => join(binding, name)),
    ...['-o', output, '-L', options.lib],
    ...options.libraries.map(name => `-l:${name}`),
    `-Wl,-rpath,${options.rpath}`,
  ];
}

const notCompiled = (compiler: Compiler, output: string): Failure =>
  new Failure({
    code: 'addon-not-compiled',
    message: `${compiler.command} (${compiler.version}) could not compile the TensorFlow addon.`,
    details: output.split('\n').slice(0, 12),
    hint: 'C++17 is needed: g++ 9 or newer, or clang++ 10 or newer; name one with CXX=…, then: pipe setup',
  });
