import childProcess, { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';

let hasLoaded = false;

/** True once a user's file has been loaded: handles that it left open must not delay the end of a command. */
export const hasLoadedUserCode = (): boolean => hasLoaded;

const waits =
  'waits for what cannot happen: a top-level await is pending, and nothing is left that could settle it';

let last: Promise<unknown> = Promise.resolve();

/** Loads a user's file. One at a time, as functions of the process are replaced meanwhile. */
export function guardLoading<T>(load: () => Promise<T>): Promise<T> {
  const loaded = last.then(() => guarded(load));
  last = loaded.catch(() => {});
  return loaded;
}

/**
 * Rejects for a file that ends the process, causes an uncaught error or never finishes. Output to descriptor 1, also by child
 * processes, goes to stderr: stdout is for data.
 */
async function guarded<T>(load: () => Promise<T>): Promise<T> {
  hasLoaded = true;
  // Stacks name the sources instead of the bundle.
  process.setSourceMapsEnabled(true);
  const { promise: failed, fail } = failure();
  const idle = () => {
    fail(new Error(waits));
  };
  const restore = [preventExit(fail), redirect()];
  process.on('uncaughtException', fail).on('unhandledRejection', fail).on('beforeExit', idle);
  try {
    // Uncaught errors are reported one turn after the module has been loaded.
    return await Promise.race([load().then(module => nextTurn(module)), failed]);
  } finally {
    process.off('uncaughtException', fail).off('unhandledRejection', fail).off('beforeExit', idle);
    for (const undo of restore) undo();
  }
}

function failure() {
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, reject) => {
    fail = reject;
  });
  return { promise, fail };
}

/** Makes process.exit and abort throw; an error that the file catches is a failure as well. */
function preventExit(fail: (error: unknown) => void): () => void {
  const refuse = (call: string): never => {
    const error = new Error(`calls ${call}: a stage’s file must not end the process`);
    fail(error);
    throw error;
  };
  return replaceIn(process, {
    exit: () => code => refuse(`process.exit(${code ?? ''})`),
    abort: () => () => refuse('process.abort()'),
  });
}

type Replacements<T> = { readonly [K in keyof T]?: (own: T[K]) => T[K] };

/** Replaces functions of an object; returns a function that restores them. */
function replaceIn<T extends object>(target: T, replacements: Replacements<T>): () => void {
  const own: Partial<T> = {};
  for (const key of Object.keys(replacements) as (keyof T)[]) {
    const replacement = replacements[key];
    own[key] = target[key];
    if (replacement !== undefined) target[key] = replacement(target[key]);
  }
  return () => void Object.assign(target, own);
}

type Callable = (...args: never[]) => unknown;

/** Functions of `fs` whose first argument is a file. */
const WRITES = ['write', 'writev', 'writeFile', 'appendFile'] as const;

const toStderr = (place: unknown): unknown => (place === 1 || place === '/dev/stdout' ? 2 : place);

function redirect(): () => void {
  const first =
    (own: Callable): Callable =>
    (place, ...rest) =>
      own(toStderr(place) as never, ...rest);
  const names = WRITES.flatMap(name => [name, `${name}Sync`] as const);
  const restore = [
    replaceIn(fs, Object.fromEntries(names.map(name => [name, first])) as Replacements<typeof fs>),
    redirectChildren(),
  ];
  syncBuiltinESMExports();
  return () => {
    for (const undo of restore) undo();
    syncBuiltinESMExports();
  };
}

/** Redirects the stdout of child processes to stderr. */
function redirectChildren(): () => void {
  const withOptions = (own: Callable): Callable =>
    function (this: unknown, ...args) {
      return own.apply(this, args.map(withStdio) as never[]);
    };
  const names = ['spawnSync', 'execFileSync', 'execSync'] as const;
  const inSync = Object.fromEntries(names.map(name => [name, withOptions]));
  const restore = [
    replaceIn(childProcess, inSync as Replacements<typeof childProcess>),
    // All asynchronous ones pass through here.
    replaceIn(ChildProcess.prototype as unknown as { spawn: Callable }, { spawn: withOptions }),
  ];
  return () => {
    for (const undo of restore) undo();
  };
}

function withStdio(argument: unknown): unknown {
  if (typeof argument !== 'object' || argument === null || !('stdio' in argument)) return argument;
  const { stdio } = argument;
  if (stdio === 'inherit') return { ...argument, stdio: ['inherit', 2, 2] };
  if (!Array.isArray(stdio)) return argument;
  const streams = (stdio as unknown[]).map((stream, index) =>
    stream === 1 || stream === process.stdout || (stream === 'inherit' && index === 1) ? 2 : stream,
  );
  return { ...argument, stdio: streams };
}
