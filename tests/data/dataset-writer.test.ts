import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset, withExamples } from '../../src/data/dataset.ts';
import { DatasetWriter } from '../../src/data/dataset-writer.ts';
import { temporaryFolder } from '../rig/stage-context.ts';
import { failureOf } from './rig.ts';

/** Three examples of two numbers each, in two chunks, with what `answers` says of them. */
async function written(answers: Uint8Array | Float32Array, words: object) {
  const writer = await DatasetWriter.create(await temporaryFolder(), { shape: [2] });
  try {
    const each = answers.length / 3;
    await writer.append(Float32Array.of(1.5, -2), answers.subarray(0, each));
    await writer.append(Float32Array.of(0, 3, 4, 5), answers.subarray(each));
    return await writer.finish({ source: 'csv t.csv', ...words });
  } finally {
    await writer.close();
  }
}

describe('examples that are numbers', () => {
  it('are written as float32, with classes', async () => {
    const artifact = await written(Uint8Array.of(0, 1, 0), { classes: ['a', 'b'], features: ['x', 'y'] });
    expect(artifact).toMatchObject({ count: 3, shape: [2], height: 1, width: 1, channels: 2 });
    expect(artifact).toMatchObject({ classes: ['a', 'b'], features: ['x', 'y'] });
    expect(artifact.transform).toEqual({ scale: [1, 1], offset: [0, 0] });
    expect((await readdir(artifact.dir)).sort()).toEqual(['examples.f32', 'labels.u8']);
    await withExamples(artifact, async examples => {
      expect(examples.batch([2, 0])).toEqual(Float32Array.of(4, 5, 1.5, -2));
      expect([...examples.labels]).toEqual([0, 1, 0]);
      return Promise.resolve();
    });
  });

  it('have targets instead of classes, and labels of zeros beside them', async () => {
    const artifact = await written(Float32Array.of(1, 2, 3, 4, 5, 6), { targets: ['price', 'size'] });
    expect(artifact).toMatchObject({ count: 3, classes: [], targets: { names: ['price', 'size'] } });
    await withExamples(artifact, async examples => {
      expect(examples.targets).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
      expect([...examples.labels]).toEqual([0, 0, 0]);
      return Promise.resolve();
    });
    const files = ['examples.f32', 'labels.u8', 'targets.f32'].map(name =>
      readFile(join(artifact.dir, name)),
    );
    const hash = createHash('sha256').update(Buffer.concat(await Promise.all(files)));
    expect(artifact.sha256).toBe(hash.digest('hex'));
  });

  it('have a shape of any number of axes', async () => {
    const writer = await DatasetWriter.create(await temporaryFolder(), { shape: [2, 3, 4] });
    await writer.append(new Float32Array(48), Uint8Array.of(0, 0));
    const artifact = await writer.finish({ source: 'test', classes: ['a'] });
    await writer.close();
    expect(artifact).toMatchObject({ count: 2, height: 6, width: 1, channels: 4, shape: [2, 3, 4] });
  });

  it('are no images to a stage that needs some', async () => {
    const failure = await failureOf(openDataset(await written(Uint8Array.of(0, 0, 0), { classes: ['a'] })));
    expect(failure.message).toBe('the data set is numbers of shape [2], and images are needed');
  });
});
