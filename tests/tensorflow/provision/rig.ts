/** A machine made for the test: programs on its PATH that are shell scripts, and a `$PIPE_HOME` of its own. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { kernelsIn } from '../../../src/tensorflow/provision/kernels.ts';
import type { Env } from '../../../src/core/env.ts';
import { addonPath, libraryDir, quietPath } from '../../../src/tensorflow/provision/layout.ts';
import { planProvision } from '../../../src/tensorflow/provision/provision.ts';
import type { Release } from '../../../src/tensorflow/provision/release.ts';
import { makeProject } from '../../rig/pipe.ts';
import { zip } from '../../rig/zip.ts';

export interface Machine {
  /** Its environment: no program is found but those that the test gives it. */
  readonly env: Env & { readonly PATH: string; readonly PIPE_HOME: string };
  readonly dir: string;
  /** Puts a program on the PATH. */
  program(name: string, script: string): Promise<void>;
  /** What is in `$PIPE_HOME/tensorflow`. */
  listing(): Promise<string[]>;
}

/** The tester's own settings and GPUs are not the machine's. */
const ownSettings = {
  CIFAR10_DIR: undefined,
  CUDA_VISIBLE_DEVICES: '',
  CXX: undefined,
  PIPE_BACKEND: undefined,
  PIPE_TENSORFLOW: undefined,
  PIP_CONFIG_FILE: '/dev/null',
  PIP_NO_INDEX: '1',
  TF_CPP_MIN_LOG_LEVEL: undefined,
  TF_ENABLE_ONEDNN_OPTS: undefined,
};

export async function makeMachine(): Promise<Machine> {
  const { dir } = await makeProject();
  const env = { ...ownSettings, PATH: join(dir, 'bin'), PIPE_HOME: join(dir, 'home') };
  await mkdir(env.PATH);
  return {
    env,
    dir,
    program: async (name, script) => {
      const path = join(env.PATH, name);
      await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
      await chmod(path, 0o755);
    },
    listing: () => readdir(join(env.PIPE_HOME, 'tensorflow')).catch(() => []),
  };
}

const members = {
  'tensorflow/libtensorflow_cc.so.2': 'the C API',
  'tensorflow/libtensorflow_framework.so.2': 'the framework',
  'tensorflow/include/tensorflow/c/c_api.h': '// a header',
  'tensorflow/include/Eigen/Core': '// a header that is not needed',
  'tensorflow/python/keras.py': '# not needed',
};

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content);

/** A wheel of these members, with the list of their hashes that wheels have. */
export function wheelOf(content: Readonly<Record<string, string>>): {
  readonly bytes: Buffer;
  readonly record: string;
} {
  const lines = Object.entries(content).map(
    ([name, text]) => `${name},sha256=${sha256(text).digest('base64url')},${text.length}\n`,
  );
  const record = lines.join('');
  const bytes = zip({ 'tensorflow_cpu-2.21.0.dist-info/RECORD': record, ...content });
  return { bytes, record: sha256(record).digest('hex') };
}

const wheel = wheelOf(members).bytes;

/** A release that is as small as can be. */
export const tinyRelease: Release = {
  build: 'cpu',
  title: 'CPU build',
  wheels: [
    {
      requirement: 'tensorflow_cpu==2.21.0',
      sha256: sha256(wheel).digest('hex'),
      bytes: wheel.length,
    },
  ],
  platforms: ['manylinux_2_27_x86_64'],
  unpackedBytes: 1000,
};

/** Gives the machine a pip that delivers the tiny wheel, after the commands of `before`. */
export async function givePip(machine: Machine, before = ''): Promise<void> {
  const file = join(machine.dir, 'tiny.whl');
  await writeFile(file, wheel);
  await machine.program(
    'pip',
    `
if [ "$1" = --version ]; then echo "pip 99.0"; exit 0; fi
while [ $# -gt 0 ]; do
  if [ "$1" = --dest ]; then dest=$2; fi
  if [ "$1" = --requirement ]; then requirements=$2; fi
  shift
done
${before}
mkdir -p "$dest"
cp "${file}" "$dest/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl"`,
  );
}

/** Gives the machine a pip that fails with these words. */
export const givePipThatSays = (machine: Machine, words: string): Promise<void> =>
  machine.program('pip', `[ "$1" = --version ] && exit 0\ncat >&2 <<'END'\n${words}\nEND\nexit 1`);

/** Gives the machine a compiler that writes this text for an addon. */
export const giveCompiler = (machine: Machine, addon = 'an addon'): Promise<void> =>
  machine.program(
    'g++',
    `
if [ "$1" = --version ]; then echo "g++ 99.0"; exit 0; fi
echo "$@" > "${join(machine.dir, 'compiler-arguments')}"
while [ "$1" != -o ]; do shift; done
echo "${addon}" > "$2"`,
  );

/** Gives the machine a library that looks complete, with addons of that content beside it. */
export async function giveLibrary(machine: Machine, addon?: string): Promise<void> {
  const dir = libraryDir(machine.env, 'cpu');
  const files = {
    'library.json': '{}',
    'lib/libtensorflow_cc.so.2': 'the C API',
    'lib/libtensorflow_framework.so.2': 'the framework',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  if (addon === undefined) return;
  const kernels = kernelsIn(dir)?.addon ?? [];
  for (const path of [addonPath(dir), quietPath(dir), kernels].flat()) await writeFile(path, addon);
}

/** The steps of a set-up that are left to do. */
export const stepIds = async (machine: Machine): Promise<readonly string[]> =>
  (await planProvision({ env: machine.env, build: 'cpu' })).map(step => step.id);
