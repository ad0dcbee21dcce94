import { describe, expect, test } from 'vitest';
import { deriveSeed, Random } from '../../src/core/random.ts';
import { slerp } from '../../src/training/gan/noise.ts';
import { drawFrom, trainedModel } from '../rig/tiny-generator.ts';

const animals = ['cat', 'dog', 'frog'];
const brightness = [-1, 0, 1];
const noiseWeight = 0.2;

/** The byte of every pixel that the tiny generator draws: see its rig. */
const byteOf = (z: Float32Array, base: number): number => {
  const value = base + noiseWeight * z.reduce((sum, each) => sum + each, 0);
  return Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
};

type Draw = Parameters<typeof drawFrom>;

/** The first byte of each single picture, by its name. */
async function bytesBy(model: Draw[0], params: Draw[1], options?: Draw[2]) {
  const { files, bytesOf, context } = await drawFrom(model, params, options);
  const singles = files.slice(1);
  const bytes = await Promise.all(singles.map(async file => (await bytesOf(file))[0] as number));
  const names = singles.map(file => file.replace(/^singles\/|\.png$/g, ''));
  return { names, bytes, context };
}

/** The noises of a seed, two numbers each. */
function noises(seed: number, count: number): readonly Float32Array[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.normals(2));
}

const expectClose = (found: readonly number[], expected: readonly number[]) => {
  expect(found).toHaveLength(expected.length);
  // A float32 sum may round to the next byte.
  for (const [at, value] of expected.entries())
    expect(Math.abs((found[at] as number) - value)).toBeLessThanOrEqual(1);
};

describe('the noise of a conditional model', () => {
  test('is the same for every class, so that a column shows what the label does', async () => {
    const { bytes } = await bytesBy(await trainedModel(animals, { noise: noiseWeight }), { count: 3 });
    const z = noises(1, 3);
    expectClose(
      bytes,
      brightness.flatMap(base => z.map(each => byteOf(each, base))),
    );
  });

  test('is each class’s own on request, by its name', async () => {
    const model = await trainedModel(animals, { noise: noiseWeight });
    const { bytes } = await bytesBy(model, { count: 3, noise: 'own' });
    expectClose(
      bytes,
      animals.flatMap((name, index) =>
        noises(deriveSeed(1, name), 3).map(each => byteOf(each, brightness[index] as number)),
      ),
    );
  });

  test('follows from the seed given, whatever the pipeline’s is', async () => {
    const model = await trainedModel(animals, { noise: noiseWeight });
    const { bytes } = await bytesBy(model, { count: 4, seed: 7 }, { seed: 1 });
    expect((await bytesBy(model, { count: 4, seed: 7 }, { seed: 2 })).bytes).toEqual(bytes);
    expect((await bytesBy(model, { count: 4 }, { seed: 7 })).bytes).toEqual(bytes);
    expect((await bytesBy(model, { count: 4 }, { seed: 2 })).bytes).not.toEqual(bytes);
    expect((await bytesBy(model, { count: 4, seed: 0 }, { seed: 2 })).bytes).not.toEqual(bytes);
  });

  test('keeps within the truncation', async () => {
    const model = await trainedModel(['only'], { conditional: false, noise: 0.5 });
    const { bytes } = await bytesBy(model, { count: 120, truncation: 0.3 });
    // Two numbers of at most 0.3, half of each: within ± 0.3 of the middle.
    expect(Math.max(...bytes.map(byte => Math.abs(byte - 127.5)))).toBeLessThanOrEqual(0.3 * 127.5 + 0.5);
    expect(new Set(bytes).size).toBeGreaterThan(20);
    expect((await bytesBy(model, { count: 120, truncation: 0.3 })).bytes).toEqual(bytes);
  });
});

describe('an interpolation', () => {
  test('between noises: a row for each class, the same way for all of them', async () => {
    const model = await trainedModel(animals, { noise: noiseWeight });
    const { names, bytes, context } = await bytesBy(model, { count: 4, interpolate: 'noise' });
    expect(names).toEqual(animals.flatMap(name => [1, 2, 3, 4].map(number => `${name}-00${number}`)));
    const [from, to] = noises(1, 2) as [Float32Array, Float32Array];
    const way = [0, 1 / 3, 2 / 3, 1].map(share => slerp(from, to, share));
    expectClose(
      bytes,
      brightness.flatMap(base => way.map(each => byteOf(each, base))),
    );
    expect(context.reports).toEqual(['12 images, 3 classes, in rows between noises']);
  });

  test('between noises of each class’s own', async () => {
    const model = await trainedModel(animals, { noise: noiseWeight });
    const { bytes } = await bytesBy(model, { count: 2, interpolate: 'noise', noise: 'own' });
    expectClose(
      bytes,
      animals.flatMap((name, index) =>
        noises(deriveSeed(1, name), 2).map(each => byteOf(each, brightness[index] as number)),
      ),
    );
  });

  test('between noises of an unconditional model, in as many rows as asked for', async () => {
    const model = await trainedModel([], { conditional: false, noise: noiseWeight });
    const params = { count: 3, interpolate: { between: 'noise', rows: 2 } } as const;
    const { names, bytes, context } = await bytesBy(model, params);
    expect(names).toEqual(['001', '002', '003', '004', '005', '006']);
    const [a, b, c, d] = noises(1, 4) as [Float32Array, Float32Array, Float32Array, Float32Array];
    expectClose(
      bytes,
      [a, slerp(a, b, 0.5), b, c, slerp(c, d, 0.5), d].map(each => byteOf(each, 0)),
    );
    expect(context.reports).toEqual(['6 images, in rows between noises']);
  });

  test('between classes: from each one to the next, with the same noise', async () => {
    const model = await trainedModel(animals, { noise: noiseWeight });
    const { names, bytes, context } = await bytesBy(model, { count: 5, interpolate: 'classes' });
    expect(names[0]).toBe('cat-dog-001');
    expect(names[9]).toBe('dog-frog-005');
    const [z] = noises(1, 1) as [Float32Array];
    expectClose(
      bytes,
      [-1, -0.75, -0.5, -0.25, 0, 0, 0.25, 0.5, 0.75, 1].map(base => byteOf(z, base)),
    );
    expect(context.reports).toEqual(['10 images, 3 classes, in rows between classes']);
  });

  test('between two classes ends with what is drawn of each', async () => {
    const model = await trainedModel(animals, { noise: noiseWeight });
    const classes = ['frog', 'cat'];
    const { bytes } = await bytesBy(model, {
      classes,
      count: 6,
      interpolate: { between: 'classes', rows: 2 },
    });
    const drawn = await bytesBy(model, { classes, count: 2 });
    expect([bytes[0], bytes[6], bytes[5], bytes[11]]).toEqual(drawn.bytes);
  });

  test('has whole rows in the grid, and a row of more than ten images is one', async () => {
    const model = await trainedModel(animals);
    const params = {
      singles: false,
      scale: 1,
      count: 150,
      interpolate: { between: 'noise', rows: 3 },
    } as const;
    const { context } = await drawFrom(model, params);
    expect(context.events).toContainEqual({
      type: 'log',
      level: 'notice',
      text: 'grid.png shows 900 of 1350 images',
    });
    const { bytesOf, dir } = await drawFrom(model, { ...params, count: 12, scale: 2 });
    expect(dir).toBeTruthy();
    // Three labels of four letters at most; twelve images of 8 pixels in a row; nine rows of 17 pixels, as a label is high.
    expect(await bytesOf('grid.png')).toHaveLength(3 * (4 + 24 + 8 + 12 * 10 - 2 + 4) * (4 + 9 * 19 - 2 + 4));
  });
});
