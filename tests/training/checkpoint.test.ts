import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { almostFullFileSystem, startProgram } from '../registry/rig.ts';
import { writeCheckpoint, type Checkpoint } from '../../src/training/checkpoint.ts';
import { latestCheckpoint } from '../../src/training/read-checkpoint.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipe-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

function checkpoint(iteration: number): Checkpoint {
  const random = new Random(iteration);
  const state = { weights: random.normals(7), power: random.normals(1), none: random.normals(0) };
  return { iteration, noise: random.state(), state };
}

const write = async (...iterations: readonly number[]) => {
  const retention = { every: 5, iterations: 1_000_010, keep: 3, keepEvery: 0 };
  for (const iteration of iterations) await writeCheckpoint(folder, checkpoint(iteration), retention);
};

test('what was written is read back to the last bit, the noise in the middle of a pair included', async () => {
  await write(5, 10);
  const { checkpoint: read, damaged } = await latestCheckpoint(folder, Infinity);
  expect(read).toEqual(checkpoint(10));
  expect(read?.noise.spare).not.toBe(undefined);
  expect(damaged).toEqual([]);
});

test('so is what a watch over training remembers', async () => {
  const memory = { accuracy: 0.1 + 0.2, since: 7 };
  const retention = { every: 5, iterations: 10, keep: 1, keepEvery: 0 };
  await writeCheckpoint(folder, { ...checkpoint(5), memory }, retention);
  expect((await latestCheckpoint(folder, 5)).checkpoint).toEqual({ ...checkpoint(5), memory });
});

test('iterations are compared as numbers, and the oldest ones go first', async () => {
  await write(999_995, 1_000_000, 1_000_005, 1_000_010);
  expect((await readdir(folder)).sort()).toEqual(
    [1_000_000, 1_000_005, 1_000_010].map(n => `iteration-${n}`),
  );
  expect((await latestCheckpoint(folder, Infinity)).checkpoint?.iteration).toBe(1_000_010);
});

test('of training that shall be shorter, the last state that it has in common is used', async () => {
  await write(5, 10, 15);
  expect((await latestCheckpoint(folder, 12)).checkpoint?.iteration).toBe(10);
  expect((await readdir(folder)).sort()).toEqual(['iteration-000005', 'iteration-000010']);
});

test.each([
  [
    'cut short',
    'state.bin',
    (bytes: Buffer) => bytes.subarray(0, -3),
    'has a state.bin of 29 bytes instead of 32',
  ],
  [
    'with a flipped bit',
    'state.bin',
    (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte))),
    'has a state.bin that was changed since it was written',
  ],
  [
    'with half a header',
    'state.json',
    (bytes: Buffer) => bytes.subarray(0, 40),
    'has a state.json that is not whole',
  ],
  [
    'with another header',
    'state.json',
    () => Buffer.from('{"iteration":10}'),
    'has a state.json that describes no state',
  ],
])('one that is damaged (%s) is named, and the one before is used', async (_, file, damage, problem) => {
  await write(5, 10);
  const path = join(folder, 'iteration-000010', file);
  await writeFile(path, damage(await readFile(path)));
  const { checkpoint: read, damaged } = await latestCheckpoint(folder, Infinity);
  expect(read).toEqual(checkpoint(5));
  expect(damaged).toEqual([`iteration-000010 ${problem}`]);
  expect(await readdir(folder)).toEqual(['iteration-000005']);
});

test('what a kill left half-written is removed', async () => {
  await mkdir(join(folder, '.iteration-000005.tmp'));
  await mkdir(join(folder, 'iteration-000010'));
  expect(await latestCheckpoint(folder, Infinity)).toEqual({
    checkpoint: undefined,
    damaged: ['iteration-000010 cannot be read (ENOENT)'],
  });
  expect(await readdir(folder)).toEqual([]);
});

test('on a disk that fills up in the middle of one, the one before stays', async context => {
  const disk = almostFullFileSystem(64);
  if (disk === undefined) return context.skip('only a user who may mount can fill a small file system');
  const retention = { every: 5, iterations: 100, keep: 1, keepEvery: 0 };
  const large = (iteration: number) => ({
    ...checkpoint(iteration),
    state: { weights: new Float32Array(10_000) },
  });
  await writeCheckpoint(disk.folder, large(5), retention);
  await expect(writeCheckpoint(disk.folder, large(10), retention)).rejects.toThrow('ENOSPC');
  expect((await readdir(disk.folder)).sort()).toEqual(['filler', 'iteration-000005']);
  disk.makeRoom();
  expect((await latestCheckpoint(disk.folder, Infinity)).checkpoint).toEqual(large(5));
});

test('beyond a file-size limit one fails, instead of standing there cut short, and the one before stays', async () => {
  const { subprocess } = await startProgram(new URL('checkpoint-process.ts', import.meta.url), [folder], 16);
  const { stdout } = await subprocess;
  expect(stdout).toBe('EFBIG');
  expect(await readdir(folder)).toEqual(['iteration-000005']);
});

test('one that needs another one is passed over where that is gone or damaged, and one that is of no use without a word', async () => {
  const conditions = {
    isUsable: ({ iteration }: Checkpoint) => iteration !== 15,
    needs: ({ iteration }: Checkpoint) => (iteration === 10 ? [5] : []),
  };
  await write(5, 10, 15);
  expect(await latestCheckpoint(folder, 15, conditions)).toEqual({ checkpoint: checkpoint(10), damaged: [] });
  expect(await readdir(folder)).toEqual(['iteration-000005', 'iteration-000010']);
  await truncate(join(folder, 'iteration-000005', 'state.json'), 3);
  expect((await latestCheckpoint(folder, 15, conditions)).damaged).toEqual([
    'iteration-000010 needs another one: iteration-000005 has a state.json that is not whole',
    'iteration-000005 has a state.json that is not whole',
  ]);
});
