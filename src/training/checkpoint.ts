import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomState } from '../core/random.ts';

/** Everything that training needs to go on from an iteration, besides the data and the parameters. */
export interface Checkpoint {
  readonly iteration: number;
  /** Of the generator of training noise. The order of the data follows from the seed and the iteration. */
  readonly noise: RandomState;
  /** Weights, moving statistics, Adam's moments and β powers, by key. */
  readonly state: Readonly<Record<string, Float32Array>>;
}

/** How `state.json` describes `state.bin`: little-endian float32 values, one entry after the other. */
interface StateIndex {
  readonly iteration: number;
  readonly noise: RandomState;
  readonly entries: readonly { readonly key: string; readonly length: number }[];
}

const PREFIX = 'iteration-';

const checkpointName = (iteration: number): string => `${PREFIX}${String(iteration).padStart(6, '0')}`;

/**
 * Writes a checkpoint into `folder`, under a temporary name that is renamed when it is whole, and removes all but the `keep`
 * newest ones. Answers the checkpoint's name.
 */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint, keep: number): Promise<string> {
  const name = checkpointName(checkpoint.iteration);
  const temporary = join(folder, `.${name}.tmp`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const entries = Object.entries(checkpoint.state);
  const index: StateIndex = {
    iteration: checkpoint.iteration,
    noise: checkpoint.noise,
    entries: entries.map(([key, { length }]) => ({ key, length })),
  };
  await writeDurably(
    join(temporary, 'state.bin'),
    entries.map(([, values]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
  await writeDurably(join(temporary, 'state.json'), [Buffer.from(`${JSON.stringify(index, null, 2)}\n`)]);
  await rm(join(folder, name), { recursive: true, force: true });
  await rename(temporary, join(folder, name));
  await prune(folder, keep);
  return name;
}

async function writeDurably(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writev([...parts]);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function prune(folder: string, keep: number): Promise<void> {
  const names = (await readdir(folder)).filter(name => name.startsWith(PREFIX)).sort();
  for (const name of names.slice(0, -keep)) await rm(join(folder, name), { recursive: true });
}
