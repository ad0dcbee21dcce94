/**
 * The command as a real process: `bin/pipe.js` in a temporary folder made from an object literal.
 *
 *     const project = await makeProject({ 'pipelines/x.yaml': 'name: x\n…' });
 *     const { exitCode, stderr } = await runPipe(['run', 'pipelines/x.yaml'], { cwd: project.dir });
 *
 * Importing this file registers the removal of every folder, and the end of every process, after the file's tests.
 */
import { access, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll } from 'vitest';

const pipeCommand = fileURLToPath(new URL('../../bin/pipe.js', import.meta.url));

const projects = new Set<string>();
const running = new Set<RunningPipe>();

afterAll(async () => {
  for (const pipe of running) pipe.kill('SIGKILL');
  await Promise.all([...running].map(pipe => pipe.finished));
  await Promise.all([...projects].map(dir => rm(dir, { recursive: true, force: true })));
});

/** Content by path, relative to the project's folder. */
export type ProjectFiles = Readonly<Record<string, string | Uint8Array>>;

export interface Project {
  /** Absolute, without symlinks. */
  readonly dir: string;
  path(...parts: readonly string[]): string;
  read(path: string): Promise<string>;
  readJson<T>(path: string): Promise<T>;
  exists(path: string): Promise<boolean>;
  /** Writes in place, folders included. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Writes as many editors do: a new file, renamed over the old one. */
  replace(path: string, content: string | Uint8Array): Promise<void>;
}

/** Makes a temporary project folder; it is removed after the tests of the file. */
export async function makeProject(files: ProjectFiles = {}): Promise<Project> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'pipe-test-')));
  projects.add(dir);
  const path = (...parts: readonly string[]) => join(dir, ...parts);
  const write = async (file: string, content: string | Uint8Array) => {
    await mkdir(dirname(path(file)), { recursive: true });
    await writeFile(path(file), content);
  };
  for (const [file, content] of Object.entries(files)) await write(file, content);
  return {
    dir,
    path,
    write,
    read: file => readFile(path(file), 'utf8'),
    readJson: async <T>(file: string) => JSON.parse(await readFile(path(file), 'utf8')) as T,
    exists: file =>
      access(path(file)).then(
        () => true,
        () => false,
      ),
    replace: async (file, content) => {
      await write(`${file}.new`, content);
      await rename(path(`${file}.new`), path(file));
    },
  };
}

export interface PipeOptions {
  readonly cwd: string;
  /** Added to this process's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the command reads; without it stdin is a pipe that stays open, for `type`. */
  readonly input?: string;
  /** A command that runs the command: its arguments follow. */
  readonly within?: readonly string[];
  /** Milliseconds until the process is killed; two minutes by default. */
  readonly timeout?: number;
}

export interface PipeResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  /** The signal that ended it, when one did. */
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** True when it was killed for exceeding its timeout. */
  readonly timedOut: boolean;
}

export interface RunningPipe {
  readonly pid: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when stderr so far satisfies the test; rejects, with the output, when the process ends before it does. */
  stderrUntil(test: RegExp | ((stderr: string) => boolean)): Promise<void>;
  /** The same for stdout. */
  stdoutUntil(test: RegExp | ((stdout: string) => boolean)): Promise<void>;
  /** Types into its stdin. */
  type(text: string): void;
  kill(signal: NodeJS.Signals): void;
  readonly finished: Promise<PipeResult>;
}

/**
 * The environment of a user's shell without settings that would change the outcome. `PIPE_HOME` stays at its
 * real default, so that the TensorFlow library is not fetched again.
 */
const environment = {
  NO_COLOR: '1',
  CI: 'true',
  FORCE_COLOR: undefined,
  NODE_ENV: undefined,
  VITEST: undefined,
  PIPE_EXPERIMENTS: undefined,
  PIPE_SETUP: 'never',
};

/** The environment in which rig/kill-at.js counts a command's operations on files, or kills it in front of one. */
export const killing = (env: { readonly KILL_AT?: string; readonly KILL_COUNT?: string }) => ({
  NODE_OPTIONS: `--import=${new URL('kill-at.js', import.meta.url).href}`,
  ...env,
});

/** Starts the command; returns at once. */
export function startPipe(args: readonly string[], options: PipeOptions): RunningPipe {
  const [file = '', ...rest] = [...(options.within ?? []), process.execPath, pipeCommand, ...args];
  const subprocess = execa(file, rest, {
    cwd: options.cwd,
    env: { ...environment, ...options.env },
    ...(options.input === undefined ? { stdin: 'pipe' } : { input: options.input }),
    timeout: options.timeout ?? 120_000,
    forceKillAfterDelay: 5000,
    reject: false,
    stripFinalNewline: false,
  });
  const output = { stdout: '', stderr: '' };
  const until = (name: 'stdout' | 'stderr', test: RegExp | ((text: string) => boolean)) =>
    new Promise<void>((resolve, reject) => {
      const satisfied = () => (test instanceof RegExp ? test.test(output[name]) : test(output[name]));
      const settle = () => {
        if (satisfied()) resolve();
        else if (subprocess[name].readableEnded)
          reject(new Error(`pipe ${args.join(' ')} ended before ${String(test)}:\n${output[name]}`));
      };
      settle();
      subprocess[name].on('data', settle).once('end', settle);
    });
  for (const name of ['stdout', 'stderr'] as const)
    subprocess[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  const finished = subprocess.then(({ exitCode, signal, stdout, stderr, timedOut }): PipeResult => {
    running.delete(pipe);
    return { exitCode, signal, stdout, stderr, timedOut };
  });
  const pipe: RunningPipe = {
    pid: subprocess.pid,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    stderrUntil: test => until('stderr', test),
    stdoutUntil: test => until('stdout', test),
    type: text => void subprocess.stdin.write(text),
    kill: signal => void subprocess.kill(signal),
    finished,
  };
  running.add(pipe);
  return pipe;
}

export interface RunOptions extends PipeOptions {
  /** Sends `signal` once, as soon as stderr so far satisfies this. */
  readonly signalAfter?: (stderr: string) => boolean;
  /** `SIGINT` by default, as Ctrl-C does. */
  readonly signal?: NodeJS.Signals;
}

/** Runs the command to its end. */
export async function runPipe(args: readonly string[], options: RunOptions): Promise<PipeResult> {
  const pipe = startPipe(args, options);
  if (options.signalAfter) {
    await pipe.stderrUntil(options.signalAfter);
    pipe.kill(options.signal ?? 'SIGINT');
  }
  return pipe.finished;
}
