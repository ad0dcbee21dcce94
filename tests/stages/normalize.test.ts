import type { Static } from 'typebox';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { DatasetWriter } from '../../src/data/dataset-writer.ts';
import { invertTransform } from '../../src/data/transform.ts';
import normalize from '../../src/stages/normalize.ts';
import { failureOf } from '../data/rig.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';

type Params = Static<(typeof normalize)['params']>;

/** A data set of pictures of 1×2 pixels and two channels. */
async function pictures(bytes: readonly number[]): Promise<DatasetArtifact> {
  const writer = await DatasetWriter.create(await temporaryFolder(), { height: 1, width: 2, channels: 2 });
  try {
    await writer.append(Uint8Array.from(bytes), new Uint8Array(bytes.length / 4));
    return await writer.finish({ classes: ['thing'], source: 'test' });
  } finally {
    await writer.close();
  }
}

let dataset: DatasetArtifact;

beforeAll(async () => {
  // The first channel is 0, 100, 200, 100; the second 50, 50, 60, 60.
  dataset = await pictures([0, 50, 100, 50, 200, 60, 100, 60]);
});

async function run(params: Partial<Params>, input = dataset) {
  const { outputs, context } = await runStage(normalize, params, { inputs: { dataset: input } });
  return { ...outputs.dataset, reports: context.reports };
}

/** A byte as the transform of a channel gives it. */
const value = ({ transform }: DatasetArtifact, byte: number, channel = 0) =>
  byte * (transform.scale[channel] as number) + (transform.offset[channel] as number);

describe('normalize', () => {
  it('by default makes x / 127.5 - 1 of each byte, and leaves the files alone', async () => {
    const normal = await run({});
    for (const byte of [0, 1, 100, 255]) expect(value(normal, byte)).toBeCloseTo(byte / 127.5 - 1, 12);
    expect(normal).toMatchObject({ dir: dataset.dir, images: dataset.images, sha256: dataset.sha256 });
    expect(normal.reports).toEqual(['0 … 255 becomes -1 … 1']);
  });

  it('takes another range', async () => {
    const normal = await run({ range: [0, 1] });
    expect([value(normal, 0), value(normal, 255, 1)]).toEqual([0, 1]);
  });

  it('takes mean and standard deviation, one or one per channel, of x / 255', async () => {
    const normal = await run({ mean: [0.5, 0.25], std: 0.5 });
    expect(value(normal, 255)).toBeCloseTo(1, 12);
    expect(value(normal, 0, 1)).toBeCloseTo(-0.5, 12);
  });

  it('finds mean and standard deviation in the data', async () => {
    const normal = await run({ mean: 'auto', std: 'auto' });
    // Population deviation of 0, 100, 200, 100 is √5000; of 50, 50, 60, 60 it is 5.
    expect(value(normal, 100)).toBeCloseTo(0, 12);
    expect(value(normal, 200)).toBeCloseTo(100 / Math.sqrt(5000), 12);
    expect(value(normal, 60, 1)).toBeCloseTo(1, 12);
  });

  it('is undone when images are drawn', async () => {
    const normal = await run({ mean: 'auto', std: 'auto' });
    const values = Float32Array.of(value(normal, 17), value(normal, 200, 1));
    expect([...invertTransform(values, normal.transform, 2)]).toEqual([17, 200]);
  });

  it('replaces an earlier one', async () => {
    const once = await run({ range: [0, 1] });
    expect((await run({}, once)).transform).toEqual((await run({})).transform);
  });

  it('refuses as many numbers as there are no channels', async () => {
    const failure = await failureOf(run({ mean: [0, 0, 0], std: 1 }));
    expect(failure.message).toBe('mean has 3 numbers; the images have 2 channels');
  });

  it('refuses to divide by the deviation of what is constant', async () => {
    const failure = await failureOf(run({ mean: 'auto', std: 'auto' }, await pictures([1, 7, 2, 7])));
    expect(failure.message).toContain('channel 1 has the same value in all pixels');
  });
});

describe('normalize of a table', () => {
  const columns = ['price', 'rooms', 'floor'];

  /** Rows of three columns, of which the last one is constant. */
  async function table(rows: readonly (readonly number[])[], features?: readonly string[]) {
    const writer = await DatasetWriter.create(await temporaryFolder(), { shape: [3] });
    try {
      await writer.append(Float32Array.from(rows.flat()), new Uint8Array(rows.length));
      return await writer.finish({ classes: ['home'], source: 'test', ...(features && { features }) });
    } finally {
      await writer.close();
    }
  }

  const homes = () =>
    table(
      [
        [100, 1, 7],
        [300, 2, 7],
        [500, 9, 7],
      ],
      columns,
    );
  const warnings = async (params: Partial<Params>, input: DatasetArtifact) => {
    const { context } = await runStage(normalize, params, { inputs: { dataset: input } });
    return context.events.flatMap(event => (event.type === 'log' ? [event.text] : []));
  };

  it('maps the least and the largest value of each column to the range', async () => {
    const normal = await run({}, await homes());
    expect([100, 300, 500].map(price => value(normal, price))).toEqual([-1, 0, 1]);
    expect([1, 9].map(rooms => value(normal, rooms, 1))).toEqual([-1, 1]);
    expect(value(normal, 7, 2)).toBe(-1);
    expect(normal.reports).toEqual(['the least value of each column becomes -1, the largest 1']);
  });

  it('takes mean and deviation in the units of the data, and finds them in it', async () => {
    const given = await run({ mean: [300, 4, 0], std: [100, 2, 1] }, await homes());
    expect([value(given, 500), value(given, 2, 1), value(given, 7, 2)]).toEqual([2, -1, 7]);
    const found = await run({ mean: 'auto', std: 'auto' }, await homes());
    // The population deviation of 100, 300, 500 is 200·√(2/3).
    expect(value(found, 500)).toBeCloseTo(Math.sqrt(1.5), 12);
    expect(value(found, 300)).toBeCloseTo(0, 12);
    expect(value(found, 7, 2)).toBe(0);
  });

  it('names constant columns, by number where they have no names', async () => {
    expect(await warnings({}, await homes())).toEqual([
      'columns that have the same value in all examples: floor; they become -1',
    ]);
    const standard = { mean: 'auto', std: 'auto' } as const;
    expect(
      await warnings(
        standard,
        await table([
          [1, 1, 1],
          [2, 1, 1],
        ]),
      ),
    ).toEqual([
      'columns that have the same value in all examples: 1, 2; they are not divided by their deviation, which is 0',
    ]);
    expect(await warnings({ mean: 0, std: 1 }, await homes())).toEqual([]);
  });

  it('loses no digits to a large mean', async () => {
    const normal = await run(
      { mean: 'auto', std: 'auto' },
      await table([
        [1e7, 0, 0],
        [1e7 + 1, 0, 1],
      ]),
    );
    expect(value(normal, 1e7 + 1)).toBeCloseTo(1, 6);
  });

  it('refuses as many numbers as there are no columns, also before anything runs', async () => {
    const failure = await failureOf(run({ mean: [0, 0], std: 1 }, await homes()));
    expect(failure.message).toBe('mean has 2 numbers; the examples have 3 columns');
    const outline = normalize.outline?.(
      { range: [-1, 1], mean: [0, 0], std: 1 },
      {
        dataset: { shape: [3], channels: 3 },
      },
    );
    expect(outline?.problems).toMatchObject([{ path: ['mean'], message: failure.message }]);
  });
});

describe('the parameters of normalize', () => {
  const check = (params: Partial<Params>) =>
    (normalize.check?.({ range: [-1, 1], ...params }) ?? []).map(({ path, code }) => [...path, code]);

  it('are one range, or mean and deviation together', () => {
    expect(check({})).toEqual([]);
    expect(check({ mean: 'auto', std: 1 })).toEqual([]);
    expect(check({ range: [1, -1] })).toEqual([['range', 'empty-range']]);
    expect(check({ mean: 0.5 })).toEqual([['mean', 'incomplete']]);
    expect(check({ std: 0.5 })).toEqual([['std', 'incomplete']]);
  });
});
