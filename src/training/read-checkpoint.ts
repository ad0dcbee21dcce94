import { readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Failure } from '../core/failure.ts';
import { atMost, openRegularHandle, readWhole } from '../storage/read-file.ts';
import {
  checkpointIterations,
  checkpointName,
  iterationOf,
  type Checkpoint,
  type StateIndex,
} from './checkpoint.ts';

/** Bytes: more is no index of ours. */
const LONGEST_INDEX = 64 * 1024 * 1024;

export interface LatestCheckpoint {
  /** Undefined when there is no whole one. */
  readonly checkpoint: Checkpoint | undefined;
  /** The newer ones that were passed over, with what is wrong with each. */
  readonly damaged: readonly string[];
}

/** What else a checkpoint takes to be resumed from. */
export interface ResumeConditions {
  /** False for one that is left without a word. */
  isUsable(this: void, checkpoint: Checkpoint): boolean;
  /** Iterations whose checkpoints go with it. */
  needs(this: void, checkpoint: Checkpoint): readonly number[];
}

const NO_CONDITIONS: ResumeConditions = { isUsable: () => true, needs: () => [] };

/**
 * Reads the newest whole checkpoint at or before an iteration that meets the conditions. Every other entry of the folder that is newer, and what a
 * kill left half-written, is removed.
 */
export async function latestCheckpoint(
  folder: string,
  atMost: number,
  { isUsable, needs }: ResumeConditions = NO_CONDITIONS,
): Promise<LatestCheckpoint> {
  const damaged: string[] = [];
  let checkpoint: Checkpoint | undefined;
  for (const iteration of (await checkpointIterations(folder)).toReversed()) {
    if (iteration > atMost) continue;
    const read = await readNamed(folder, iteration);
    if (typeof read === 'string') damaged.push(read);
    else if (isUsable(read)) {
      const lacking = await firstUnreadable(folder, needs(read));
      if (lacking === undefined) {
        checkpoint = read;
        break;
      }
      damaged.push(`${checkpointName(iteration)} needs another one: ${lacking}`);
    }
  }
  const last = checkpoint?.iteration ?? 0;
  for (const name of await readdir(folder))
    if (!(iterationOf(name) <= last)) await rm(join(folder, name), { recursive: true });
  return { checkpoint, damaged };
}

/** A checkpoint, or its name and what is wrong with it. */
async function readNamed(folder: string, iteration: number): Promise<Checkpoint | string> {
  const name = checkpointName(iteration);
  const read = await readCheckpoint(join(folder, name), iteration);
  return typeof read === 'string' ? `${name} ${read}` : read;
}

async function firstUnreadable(folder: string, iterations: readonly number[]): Promise<string | undefined> {
  for (const iteration of iterations) {
    const read = await readNamed(folder, iteration);
    if (typeof read === 'string') return read;
  }
  return undefined;
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
