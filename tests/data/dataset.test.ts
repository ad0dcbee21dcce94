import { open, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { DatasetWriter } from '../../src/data/dataset-writer.ts';
import { identityTransform } from '../../src/data/transform.ts';
import { temporaryFolder } from '../rig/stage-context.ts';
import { allImages, failureOf } from './rig.ts';

/** Five pictures of 1×2 RGB: picture i consists of bytes 10·i. */
async function fivePictures() {
  const writer = await DatasetWriter.create(await temporaryFolder(), { height: 1, width: 2, channels: 3 });
  try {
    const bytes = Uint8Array.from({ length: 30 }, (_, index) => 10 * Math.floor(index / 6));
    await writer.append(bytes.subarray(0, 12), Uint8Array.of(0, 1));
    await writer.append(bytes.subarray(12), Uint8Array.of(2, 0, 1));
    return await writer.finish({ classes: ['a', 'b', 'c'], source: 'test' });
  } finally {
    await writer.close();
  }
}

/** A data set of pictures of 3 MB, of which the last one alone takes room on the disk: its bytes are 7. */
async function manyGigabytes(count: number) {
  const dir = await temporaryFolder();
  const imageBytes = 1024 * 1024 * 3;
  const file = await open(join(dir, 'images.u8'), 'w');
  await file.truncate(count * imageBytes);
  await file.write(new Uint8Array(imageBytes).fill(7), 0, imageBytes, (count - 1) * imageBytes);
  await file.close();
  await writeFile(join(dir, 'labels.u8'), new Uint8Array(count));
  const shape = { height: 1024, width: 1024, channels: 3 };
  const about = { classes: ['a'], source: 'test', sha256: '', transform: identityTransform(3) };
  return {
    kind: 'dataset',
    dir,
    images: 'images.u8',
    labels: 'labels.u8',
    count,
    ...shape,
    ...about,
  } as const;
}

describe('a data set', () => {
  it('comes back as it was written', async () => {
    const artifact = await fivePictures();
    expect(artifact).toMatchObject({ count: 5, height: 1, width: 2, channels: 3 });
    // sha256 over the 30 image bytes, then the labels 0, 1, 2, 0, 1.
    expect(artifact.sha256).toBe('e76f508193ad0d5aec2fb7cd59b0942b55180382fba2d8cffd62f189b0ab957f');
    const dataset = await openDataset(artifact);
    expect([...dataset.labels]).toEqual([0, 1, 2, 0, 1]);
    expect(allImages(dataset)).toHaveLength(30);
  });

  it('hands out batches in the order asked for', async () => {
    const dataset = await openDataset(await fivePictures());
    const { images, labels } = dataset.batch([3, 0, 3]);
    expect([...images]).toEqual([30, 30, 30, 30, 30, 30, 0, 0, 0, 0, 0, 0, 30, 30, 30, 30, 30, 30]);
    expect([...labels]).toEqual([0, 0, 0]);
  });

  it('fills an array that is given, so that a loop allocates nothing large', async () => {
    const dataset = await openDataset(await fivePictures());
    const into = new Uint8Array(12);
    expect(dataset.batch(Uint32Array.of(4, 1), into).images).toBe(into);
    expect([into[0], into[11]]).toEqual([40, 10]);
    expect(() => dataset.batch([1], into)).toThrow('needs 6 bytes');
    expect(() => dataset.batch([5])).toThrow('image 5 of 5');
  });

  it('says so when a file is shorter than it should be', async () => {
    const artifact = await fivePictures();
    await truncate(join(artifact.dir, artifact.images), 29);
    const failure = await failureOf(openDataset(artifact));
    expect(failure.message).toContain('holds 29 bytes; 5 images need 30');
  });

  it('says so when a file is missing', async () => {
    const artifact = await fivePictures();
    await rm(join(artifact.dir, artifact.labels));
    expect((await failureOf(openDataset(artifact))).message).toMatch(
      /cannot read .*labels\.u8: it does not exist/,
    );
  });

  it('says so when a label is beyond the classes', async () => {
    const artifact = await fivePictures();
    await writeFile(join(artifact.dir, artifact.labels), Uint8Array.of(0, 1, 2, 3, 0));
    expect((await failureOf(openDataset(artifact))).message).toContain('image 3');
  });

  it('is the same whether its images are in memory or are read by position', async () => {
    const artifact = await fivePictures();
    const held = await openDataset(artifact, { memory: 30 });
    const read = await openDataset(artifact, { memory: 29, piece: 13 });
    expect(read.batch([4, 0, 4, 2])).toEqual(held.batch([4, 0, 4, 2]));
    // Pieces are whole images: of 13 bytes, two.
    expect(Array.from(read.pieces(), ({ length }) => length)).toEqual([12, 12, 6]);
    expect(allImages(read)).toEqual(allImages(held));
    await Promise.all([held.close(), read.close()]);
  });

  it('may have more than 2 GiB', async () => {
    const artifact = await manyGigabytes(900);
    const dataset = await openDataset(artifact);
    const { images } = dataset.batch([899, 0]);
    expect([images.at(0), images.at(dataset.imageBytes - 1), images.at(-1)]).toEqual([7, 7, 0]);
    await dataset.close();
  });

  it('says so when its file is cut short while it is read by position', async () => {
    const artifact = await fivePictures();
    const dataset = await openDataset(artifact, { memory: 0 });
    await truncate(join(artifact.dir, artifact.images), 20);
    expect([...dataset.batch([0]).images]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(() => dataset.batch([4])).toThrow(/images\.u8 was cut short while it was read/);
    await dataset.close();
  });

  it('is not waited for where a named pipe is in its place', async () => {
    const artifact = await fivePictures();
    await rm(join(artifact.dir, artifact.labels));
    await execa('mkfifo', [join(artifact.dir, artifact.labels)]);
    expect((await failureOf(openDataset(artifact))).message).toMatch(/labels\.u8 is no regular file/);
  });
});
