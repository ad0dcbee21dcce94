import { expect, test } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { DatasetWriter } from '../../src/data/dataset-writer.ts';
import {
  classMeanPictures,
  labelsOf,
  noisePictures,
  proportional,
} from '../../src/scores/baseline-pictures.ts';
import { temporaryFolder } from '../rig/stage-context.ts';

test('the mean picture of each class is rounded, and of all pictures where a class has none', async () => {
  const writer = await DatasetWriter.create(await temporaryFolder(), { height: 1, width: 2, channels: 1 });
  await writer.append(Uint8Array.of(0, 10, 1, 20, 200, 6), Uint8Array.of(0, 0, 2));
  const dataset = await openDataset(await writer.finish({ classes: ['a', 'empty', 'c'], source: 'test' }));
  await writer.close();
  const pictures = classMeanPictures(dataset, Uint8Array.of(2, 0, 1));
  await dataset.close();
  expect([...pictures]).toEqual([200, 6, 1, 15, 67, 12]);
});

test('noise is uniform in all bytes, and the same for the same seed', () => {
  const noise = noisePictures(1000, 12, 7);
  expect(noise).toEqual(noisePictures(1000, 12, 7));
  expect(noise).not.toEqual(noisePictures(1000, 12, 8));
  const mean = noise.reduce((sum, byte) => sum + byte, 0) / noise.length;
  // Three standard errors of the mean of 12,000 uniform bytes.
  expect(Math.abs(mean - 127.5)).toBeLessThan((3 * 73.9) / Math.sqrt(noise.length));
  expect(new Set(noise).size).toBe(256);
});

test.each([
  [10, [1, 1, 1], [4, 3, 3]],
  [1000, [100, 100], [500, 500]],
  [5, [0, 3, 1], [0, 4, 1]],
  [2, [1, 1, 1], [1, 1, 0]],
])('%d pictures in the proportions %j', (count, sizes, expected) => {
  expect(proportional(count, sizes)).toEqual(expected);
});

test('labels come class after class', () => {
  expect([...labelsOf([2, 0, 3])]).toEqual([0, 0, 2, 2, 2]);
});
