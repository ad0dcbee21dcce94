import { createHash } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/core/failure.ts';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { seenPictures, writeSeenPictures } from '../../src/data/seen-pictures.ts';
import { temporaryFolder } from '../rig/stage-context.ts';

type Pictures = Parameters<typeof seenPictures>[1];

/** Pictures of one column, in pieces of two. */
function picturesOf(...pictures: readonly (readonly number[])[]): Pictures {
  const sizes = { height: pictures[0]?.length ?? 1, width: 1, channels: 1, count: pictures.length };
  return {
    artifact: sizes as DatasetArtifact,
    *pieces() {
      for (let at = 0; at < pictures.length; at += 2)
        yield Uint8Array.from(pictures.slice(at, at + 2).flat());
    },
  };
}

async function modelOf(pictures: Pictures) {
  const dir = await temporaryFolder();
  return { dir, trainedOn: await writeSeenPictures(dir, pictures) };
}

const training = picturesOf([1, 2], [3, 4], [5, 6], [3, 4]);

describe('the pictures that a model was trained on', () => {
  it('are the first eight bytes of their SHA-256, ascending, each once', async () => {
    const { dir, trainedOn } = await modelOf(training);
    expect(trainedOn).toEqual({ file: 'trained-on.bin', count: 3 });
    const digests = [
      [1, 2],
      [3, 4],
      [5, 6],
    ].map(picture => createHash('sha256').update(Uint8Array.from(picture)).digest('hex').slice(0, 16));
    expect((await readFile(join(dir, trainedOn.file))).toString('hex')).toBe(digests.sort().join(''));
  });

  it('are the same file whatever their order', async () => {
    const other = picturesOf([5, 6], [3, 4], [1, 2], [1, 2]);
    const [one, two] = await Promise.all(
      [training, other].map(async pictures => {
        const { dir, trainedOn } = await modelOf(pictures);
        return readFile(join(dir, trainedOn.file));
      }),
    );
    expect(two).toEqual(one);
  });

  it('are found in another data set, by their indices', async () => {
    const model = await modelOf(training);
    const reference = picturesOf([9, 9], [5, 6], [4, 3], [1, 2], [5, 6]);
    expect(await seenPictures(model, reference)).toEqual(Uint32Array.of(1, 3, 4));
    expect(await seenPictures(model, picturesOf([2, 1], [6, 5]))).toEqual(new Uint32Array());
    expect(await seenPictures(model, picturesOf([1, 2, 3]))).toEqual(new Uint32Array());
  });

  it('are found among thousands', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => [index >> 8, index & 255]);
    const model = await modelOf(picturesOf(...many.filter((_, index) => index % 3 === 0)));
    const found = await seenPictures(model, picturesOf(...many));
    expect(found).toEqual(Uint32Array.from({ length: 1000 }, (_, index) => 3 * index));
  });

  it('are unknown of a model of an earlier version', async () => {
    expect(await seenPictures({ dir: '/nowhere' }, training)).toBe('unknown');
  });

  it('stop being read when they are told to', async () => {
    const model = await modelOf(training);
    await expect(seenPictures(model, training, AbortSignal.abort())).rejects.toThrow(Interrupted);
    await expect(writeSeenPictures(model.dir, training, AbortSignal.abort())).rejects.toThrow(Interrupted);
  });

  it('replace the file of an earlier try instead of changing it', async () => {
    const { dir, trainedOn } = await modelOf(training);
    const file = join(dir, trainedOn.file);
    const before = await readFile(file);
    const shared = join(dir, 'shared');
    await link(file, shared);
    await writeSeenPictures(dir, picturesOf([7, 7]));
    expect(await readFile(shared)).toEqual(before);
    expect(await readFile(file)).toHaveLength(8);
  });

  it('are named where their file is damaged or gone', async () => {
    const model = await modelOf(training);
    const file = join(model.dir, model.trainedOn.file);
    const whole = await readFile(file);
    const damagedBy = async (content: Buffer) => {
      await writeFile(file, content);
      return expect(seenPictures(model, training)).rejects;
    };
    await (
      await damagedBy(whole.subarray(0, 23))
    ).toMatchObject({
      code: 'damaged-trained-on',
      message: `${file} has 23 bytes; the digests of 3 pictures have 24`,
      hint: expect.stringContaining('pipe verify') as string,
    });
    const swapped = Buffer.concat([whole.subarray(8, 16), whole.subarray(0, 8), whole.subarray(16)]);
    await (
      await damagedBy(swapped)
    ).toMatchObject({
      code: 'damaged-trained-on',
      message: `${file} is damaged: its digests are not in ascending order`,
    });
    await rm(file);
    await expect(seenPictures(model, training)).rejects.toMatchObject({ code: 'cannot-read' });
  });
});
