import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/core/failure.ts';
import { overlapOf } from '../../src/data/overlap.ts';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';

type Comparable = Parameters<typeof overlapOf>[0];

const shapeOf = (length: number): Pick<DatasetArtifact, 'height' | 'width' | 'channels' | 'count'> => ({
  height: length,
  width: 1,
  channels: 1,
  count: 0,
});

/** Pictures of one column, in pieces of two. */
function picturesOf(...pictures: readonly (readonly number[])[]): Comparable {
  const artifact = { ...shapeOf(pictures[0]?.length ?? 0), count: pictures.length } as DatasetArtifact;
  return {
    artifact,
    *pieces() {
      for (let at = 0; at < pictures.length; at += 2)
        yield Uint8Array.from(pictures.slice(at, at + 2).flat());
    },
  };
}

const overlap = async (one: Comparable, other: Comparable) => {
  const { indices, twins } = await overlapOf(one, other);
  return Array.from(indices, (index, place) => [index, twins[place]]);
};

describe('overlapOf', () => {
  it('finds the examples that another data set has as well, with the first of their twins', async () => {
    const validation = picturesOf([1, 2], [3, 4], [5, 6], [7, 8]);
    const training = picturesOf([0, 0], [7, 8], [3, 4], [4, 3], [3, 4]);
    expect(await overlap(validation, training)).toEqual([
      [1, 2],
      [3, 1],
    ]);
  });

  it('finds an example as often as it occurs', async () => {
    const same = [9, 9];
    expect(await overlap(picturesOf(same, [1, 1], same), picturesOf([2, 2], same))).toEqual([
      [0, 1],
      [2, 1],
    ]);
  });

  it('finds nothing among examples of another size, or where all differ', async () => {
    expect(await overlap(picturesOf([1, 2]), picturesOf([1, 2, 3]))).toEqual([]);
    expect(await overlap(picturesOf([1, 2]), picturesOf([2, 1], [1, 1]))).toEqual([]);
  });

  it('compares numbers by all their bytes', async () => {
    const bytesOf = (...numbers: readonly number[]) => new Uint8Array(Float32Array.from(numbers).buffer);
    const numbers = (...rows: readonly (readonly number[])[]): Comparable => ({
      artifact: { ...shapeOf(2), shape: [2], count: rows.length } as unknown as DatasetArtifact,
      pieces: () => rows.map(row => bytesOf(...row)),
    });
    expect(await overlap(numbers([0.5, 1], [2, 3]), numbers([2, 3], [0.5, 1.5]))).toEqual([[1, 0]]);
  });

  it('finds every one of thousands, in a data set compared with itself', async () => {
    const many = Array.from({ length: 5000 }, (_, index) => [index >> 8, index & 255]);
    const found = await overlap(picturesOf(...many), picturesOf(...many));
    expect(found).toEqual(many.map((_, index) => [index, index]));
  });

  it('stops when it is told to', async () => {
    const one = picturesOf([1, 2]);
    await expect(overlapOf(one, one, AbortSignal.abort())).rejects.toThrow(Interrupted);
  });
});
