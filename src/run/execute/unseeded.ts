/**
 * Detection of draws from unseeded random generators, so that `pipe reproduce` can name the cause of a difference. Draws in a
 * stage's own threads and processes are not seen.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StageRecord } from '../../core/experiment.ts';
import { codeDir, packageRoot } from '../../host/paths.ts';
import { isInside } from '../../storage/inside.ts';

type Draws = NonNullable<StageRecord['unseeded']>;
type Drawing = (...args: unknown[]) => unknown;

/** Calls of a generator whose callers are examined: examining all would slow down a stage that draws millions. */
const LOOKED_AT = 100;

/** Frames of a stack: layers of TensorFlow.js nest deeply. */
const FRAMES = 50;

/** Operations of TensorFlow.js that use Math.random without a seed or with seed 0. */
const OPERATIONS = /\b(randomNormal|randomUniform|truncatedNormal|randomGamma|multinomial|dropout|Dropout)/g;

/** Starts counting; the returned function stops it and returns the draws. @param cwd File names are relative to it. */
export function countUnseeded(cwd: string): () => Draws {
  const draws = new Map<string, Draws[number]>();
  const restores = generators().map(({ holder, method, name }) => {
    const own = Object.getOwnPropertyDescriptor(holder, method);
    const draw = (holder as Readonly<Record<string, Drawing>>)[method] as Drawing;
    const count = counter(name, cwd, draws);
    const wrapped: Drawing = function (this: unknown, ...args) {
      count();
      return Reflect.apply(draw, this, args);
    };
    Object.defineProperty(holder, method, { value: wrapped, writable: true, configurable: true });
    return () => {
      // A stage's own replacement stays.
      if ((holder as Readonly<Record<string, unknown>>)[method] !== wrapped) return;
      if (own === undefined) Reflect.deleteProperty(holder, method);
      else Object.defineProperty(holder, method, own);
    };
  });
  syncBuiltinESMExports();
  return () => {
    for (const restore of restores) restore();
    syncBuiltinESMExports();
    return [...draws.values()];
  };
}

/** The unseeded generators. */
function generators() {
  const node = createRequire(import.meta.url)('node:crypto') as object;
  const of = (holder: object, prefix: string, methods: readonly string[]) =>
    methods.map(method => ({ holder, method, name: `${prefix}.${method}` }));
  return [
    ...of(Math, 'Math', ['random']),
    ...of(globalThis.crypto, 'crypto', ['getRandomValues', 'randomUUID']),
    ...of(node, 'crypto', ['randomBytes', 'randomInt', 'randomUUID', 'randomFillSync']),
  ];
}

function counter(name: string, cwd: string, draws: Map<string, Draws[number]>): () => void {
  let looked = 0;
  let latest: Caller = { source: name };
  return () => {
    // Later calls count for the caller examined last.
    if (looked < LOOKED_AT) {
      looked++;
      latest = callerOf(name, cwd);
    }
    const { source, at } = latest;
    if (source === null) return;
    const known = draws.get(source) ?? { source, calls: 0, ...(at !== undefined && { at }) };
    draws.set(source, { ...known, calls: known.calls + 1 });
  };
}

interface Caller {
  /** Null for pipe itself, which draws names of temporary files, and weights that it overwrites. */
  readonly source: string | null;
  readonly at?: string;
}

/** The caller that draws: the innermost frame outside of Node and libraries. After an await there may be none. */
function callerOf(name: string, cwd: string): Caller {
  const frames = framesNow();
  const frame = frames.find(each => !isLibrary(fileOf(each)));
  const file = fileOf(frame);
  if (file !== undefined && OWN.some(folder => isInside(folder, file))) return { source: null };
  const operation = [...frames.join('\n').matchAll(OPERATIONS)].at(-1)?.[1];
  const isPlain = operation === undefined || name !== 'Math.random';
  const source = isPlain ? name : `tf ${operation.replace('Dropout', 'dropout')}`;
  const line = PLACE.exec(frame ?? '')?.[2];
  return file === undefined || line === undefined
    ? { source }
    : { source, at: `${relative(cwd, file)}:${line}` };
}

/** Folders of pipe's code, also as named by source maps. */
const OWN = [codeDir, join(packageRoot, 'src')];

const isLibrary = (file: string | undefined): boolean =>
  file === undefined || file.includes('node_modules') || file === join(codeDir, 'tfjs.cjs');

/** Frames of the callers, innermost first, without Node's and this file's. */
function framesNow(): readonly string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = limit;
  // The message, and this file's four functions.
  return stack
    .split('\n')
    .slice(5)
    .filter(frame => !frame.includes('node:'));
}

const PLACE = /\(?((?:file:\/\/)?[^\s()]+?):(\d+):(\d+)\)?$/;

function fileOf(frame = ''): string | undefined {
  const file = PLACE.exec(frame)?.[1];
  return file?.startsWith('file://') === true ? fileURLToPath(file.replace(/\?.*$/, '')) : file;
}
