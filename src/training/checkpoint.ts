import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RandomState } from '../core/random.ts';
import { syncFolder } from '../storage/atomic.ts';
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
export interface StateIndex {
  readonly iteration: number;
  readonly noise: RandomState;
  readonly memory?: WatchMemory | undefined;
  readonly entries: readonly { readonly key: string; readonly length: number }[];
  /** Of `state.bin`. */
  readonly crc32: number;
}

const NAME = /^iteration-(\d+)$/;

export const checkpointName = (iteration: number): string =>
  `iteration-${String(iteration).padStart(6, '0')}`;

/**
 * Writes a checkpoint into `folder`, under a temporary name that is renamed when it is whole, and removes those that need not
 * stay once the disk has it: neither by the retention nor `needed` to go on from this one. Returns the checkpoint's name. `mayCommit` throws where the checkpoint must not take its place.
 */
export async function writeCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  { needed, ...retention }: Retention & { readonly needed?: readonly number[] },
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
  await prune(folder, retention, needed);
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

async function prune(folder: string, retention: Retention, needed?: readonly number[]): Promise<void> {
  const iterations = await checkpointIterations(folder);
  const kept = new Set(keptCheckpoints(iterations, retention, needed));
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
export function iterationOf(name: string): number {
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
