import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { folderBytes } from './folder-bytes.ts';
import type { Env } from '../../core/env.ts';
import { pipFailure } from './pip-failure.ts';
import type { Release } from './release.ts';

const POLL_MS = 250;

export interface Pip {
  readonly command: string;
  readonly args: readonly string[];
  /** Output of `--version`: `pip 23.2.1 from …`. */
  readonly version: string;
}

export const PIP_HINT =
  'sudo apt-get install python3-pip   (Fedora: sudo dnf install python3-pip), then: pipe setup';

/** The first of `pip`, `pip3` and `python3 -m pip` that runs; undefined for none. */
export async function findPip(env: Env): Promise<Pip | undefined> {
  const { execa } = await import('execa');
  for (const [command, ...args] of [['pip'], ['pip3'], ['python3', '-m', 'pip']] as const) {
    const result = await execa(command, [...args, '--version'], {
      env,
      extendEnv: false,
      reject: false,
    });
    if (!result.failed) return { command, args, version: result.stdout.trim() };
  }
  return undefined;
}

export interface FetchOptions {
  readonly env: Env;
  readonly release: Release;
  /** An empty folder; the wheels are stored in `<dir>/wheels`. */
  readonly dir: string;
  readonly onBytes: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Fetches a release's wheels with pip from the index that the user has configured; returns their paths. Throws a Failure. */
export async function fetchWheels(options: FetchOptions): Promise<readonly string[]> {
  const { dir, env, onBytes, release, signal } = options;
  const pip = await findPip(env);
  if (pip === undefined) {
    throw new Failure({
      code: 'no-pip',
      message: 'pip was not found. It fetches TensorFlow’s library; the pip of any Python 3 will do.',
      hint: PIP_HINT,
    });
  }
  const { execa } = await import('execa');
  const requirements = join(dir, 'requirements.txt');
  await writeFile(requirements, requirementLines(release));
  const wheels = join(dir, 'wheels');
  const poll = setInterval(() => void folderBytes(dir).then(onBytes), POLL_MS);
  try {
    const result = await execa(
      pip.command,
      [...pip.args, ...downloadArguments(release, requirements, wheels)],
      // pip downloads into its temporary folder: inside `dir` its size is known, and it is removed in any case.
      {
        env: { ...env, TMPDIR: dir },
        extendEnv: false,
        reject: false,
        all: true,
        ...(signal && { cancelSignal: signal }),
      },
    );
    signal?.throwIfAborted();
    if (result.failed) throw pipFailure(result.all);
  } finally {
    clearInterval(poll);
  }
  const names = await readdir(wheels);
  return names.map(name => join(wheels, name));
}

const requirementLines = (release: Release): string =>
  release.wheels.map(wheel => `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`).join('');

const downloadArguments = (release: Release, requirements: string, wheels: string): string[] => [
  ...['download', '--require-hashes', '--no-deps', '--only-binary=:all:', '--no-cache-dir'],
  ...['--progress-bar', 'off', '--disable-pip-version-check', '--no-input'],
  // Only the libraries in the wheels are used, so the installed version of Python is irrelevant.
  ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
  ...release.platforms.flatMap(platform => ['--platform', platform]),
  ...['--dest', wheels, '--requirement', requirements],
];
