import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Failure } from '../core/failure.ts';
import type { RandomState } from '../core/random.ts';
import { syncFolder } from '../storage/atomic.ts';
import { atMost, openRegularHandle, readWhole } from '../storage/read-file.ts';
import { keptCheckpoints, type Retention } from './retention.ts';
import type { WatchMemory } from './task.ts';

/** Everything that training needs to resume from an iteration, besides the data and the parameters. */
export interface Checkpoint {
  readonly iteration: number;
  /** Of the generator of training noise. The order of the data follows from the seed and the iteration. */
  readonly noise: RandomState;
  /** Weights, moving statistics, Adam's moments and β powers, by key. */
  readonly state: Readonly<Record<string, Float32Array>>;
  /** Of the watch over training, if there is one. */
  readonly memory?: WatchMemory | undefined;
}

/** How `state.json` describes `state.bin`: little-endian float32 values, one entry after the other. */
interface StateIndex {
  readonly iteration: number;
  readonly noise: RandomState;
  readonly memory?: WatchMemory | undefined;
  readonly entries: readonly { readonly key: string; readonly length: number }[];
  /** Of `state.bin`. */
  readonly crc32: number;
}

/** Bytes: more is no index of ours. */
const LONGEST_INDEX = 64 * 1024 * 1024;

const NAME = /^iteration-(\d+)$/;

export const checkpointName = (iteration: number): string =>
  `iteration-${String(iteration).padStart(6, '0')}`;

/**
 * Writes a checkpoint into `folder`, under a temporary name that is renamed when it is whole, and removes those that need not
 * stay once the disk has it. Returns the checkpoint's name. `mayCommit` throws where the checkpoint must not take its place.
 */
export async function writeCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  retention: Retention & { readonly best?: number | undefined },
  mayCommit: () => void = () => {},
): Promise<string> {
  const name = checkpointName(checkpoint.iteration);
  // Another process that writes the same one at this moment has a folder of its own.
  const temporary = join(folder, `.${name}.${randomUUID()}.tmp`);
  try {
    await fill(temporary, checkpoint);
    mayCommit();
    await rm(join(folder, name), { recursive: true, force: true });
    await rename(temporary, join(folder, name));
  } catch (error) {
    // On a disk that is full, the room for saying so.
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  syncFolder(folder);
  syncFolder(dirname(folder));
  await prune(folder, retention);
  return name;
}

async function fill(folder: string, { iteration, noise, state, memory }: Checkpoint): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries = Object.entries(state);
  const parts = entries.map(
    ([, values]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  const index: StateIndex = {
    iteration,
    noise,
    memory,
    entries: entries.map(([key, { length }]) => ({ key, length })),
    // zlib's crc32 of nothing begins anew.
    crc32: parts.reduce((sum, part) => (part.length === 0 ? sum : crc32(part, sum)), 0),
  };
  await writeDurably(join(folder, 'state.bin'), parts);
  await writeDurably(join(folder, 'state.json'), [Buffer.from(`${JSON.stringify(index, null, 2)}\n`)]);
  syncFolder(folder);
}

async function prune(
  folder: string,
  { best, ...retention }: Retention & { readonly best?: number | undefined },
): Promise<void> {
  const iterations = await checkpointIterations(folder);
  const kept = new Set(keptCheckpoints(iterations, retention, best));
  for (const iteration of iterations)
    if (!kept.has(iteration)) await rm(join(folder, checkpointName(iteration)), { recursive: true });
}

async function writeDurably(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    // Unlike writev, it writes on until everything is written or refused.
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** NaN for what is no checkpoint. */
function iterationOf(name: string): number {
  const iteration = Number(NAME.exec(name)?.[1]);
  return name === checkpointName(iteration) ? iteration : NaN;
}

/** The iterations that have a checkpoint in a folder, in order. */
export async function checkpointIterations(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names
    .map(iterationOf)
    .filter(Number.isInteger)
    .sort((a, b) => a - b);
}

export interface LatestCheckpoint {
  /** Undefined when there is no whole one. */
  readonly checkpoint: Checkpoint | undefined;
  /** The newer ones that were passed over, with what is wrong with each. */
  readonly damaged: readonly string[];
}

/**
 * Reads the newest whole checkpoint at or before an iteration. Every other entry of the folder that is newer, and what a
 * kill left half-written, is removed.
 */
export async function latestCheckpoint(folder: string, atMost: number): Promise<LatestCheckpoint> {
  const damaged: string[] = [];
  let checkpoint: Checkpoint | undefined;
  for (const iteration of (await checkpointIterations(folder)).toReversed()) {
    if (iteration > atMost) continue;
    const name = checkpointName(iteration);
    const read = await readCheckpoint(join(folder, name), iteration);
    if (typeof read !== 'string') {
      checkpoint = read;
      break;
    }
    damaged.push(`${name} ${read}`);
  }
  const last = checkpoint?.iteration ?? 0;
  for (const name of await readdir(folder))
    if (!(iterationOf(name) <= last)) await rm(join(folder, name), { recursive: true });
  return { checkpoint, damaged };
}

/** The state of a checkpoint that was kept. @throws Failure where it is gone or damaged */
export async function checkpointState(folder: string, iteration: number): Promise<Checkpoint['state']> {
  const path = join(folder, checkpointName(iteration));
  const read = await readCheckpoint(path, iteration);
  if (typeof read !== 'string') return read.state;
  throw new Failure({
    code: 'damaged-checkpoint',
    message: `The checkpoint of the best iteration, ${path}, ${read}.`,
    hint: 'Train once more: pipe run --force',
  });
}

/** A checkpoint, or what is wrong with it, as a clause that follows its name. */
async function readCheckpoint(path: string, iteration: number): Promise<Checkpoint | string> {
  try {
    const text = await readWhole(join(path, 'state.json'), atMost(LONGEST_INDEX));
    const index = JSON.parse(text.toString()) as Partial<StateIndex> | null;
    if (!isIndex(index) || index.iteration !== iteration) return 'has a state.json that describes no state';
    const state = await readState(join(path, 'state.bin'), index);
    if (typeof state === 'string') return state;
    const { noise, memory } = index;
    return { iteration, noise, state, ...(memory !== undefined && { memory }) };
  } catch (error) {
    if (error instanceof SyntaxError) return 'has a state.json that is not whole';
    if (error instanceof Failure) return `cannot be read (${error.code})`;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return `cannot be read (${code})`;
  }
}

function isIndex(index: Partial<StateIndex> | null): index is StateIndex {
  if (index === null || !Array.isArray(index.entries) || !Array.isArray(index.noise?.generator)) return false;
  const { generator, spare } = index.noise;
  return (
    generator.length === 4 &&
    generator.every(Number.isInteger) &&
    Object.values(index.memory ?? {}).every(Number.isFinite) &&
    (spare === null || Number.isFinite(spare)) &&
    index.entries.every(({ key, length }) => typeof key === 'string' && Number.isInteger(length))
  );
}

/** Bytes read by one call: one call reads at most 2 GiB. */
const PIECE = 1 << 26;

/** The values by key, read entry by entry; or what is wrong with the file. */
async function readState(
  path: string,
  { entries, crc32: expected }: StateIndex,
): Promise<Checkpoint['state'] | string> {
  const file = await openRegularHandle(path);
  try {
    const size = entries.reduce((total, { length }) => total + 4 * length, 0);
    const found = (await file.stat()).size;
    if (found !== size) return `has a state.bin of ${found} bytes instead of ${size}`;
    const state: Record<string, Float32Array> = {};
    let sum = 0;
    for (const { key, length } of entries) {
      const values = new Float32Array(length);
      sum = await fillFrom(file, new Uint8Array(values.buffer), sum);
      state[key] = values;
    }
    return sum === expected ? state : 'has a state.bin that was changed since it was written';
  } finally {
    await file.close();
  }
}

/** Reads on from where the file is; returns the checksum up to there. */
async function fillFrom(file: FileHandle, into: Uint8Array, sum: number): Promise<number> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, Math.min(PIECE, into.length - done));
    if (bytesRead === 0) return NaN;
    sum = crc32(into.subarray(done, done + bytesRead), sum);
    done += bytesRead;
  }
  return sum;
}
