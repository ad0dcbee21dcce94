import { beforeAll, describe, expect, it } from 'vitest';
import type { DatasetArtifact } from '../../../src/core/artifacts.ts';
import { Interrupted } from '../../../src/core/failure.ts';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { withExamples } from '../../../src/data/dataset.ts';
import { embedDataset } from '../../../src/scores/embeddings/embed-dataset.ts';
import type { Embedding } from '../../../src/scores/embeddings/embedding.ts';
import { openPredictorEmbedding } from '../../../src/scores/embeddings/predictor.ts';
import { failureOf } from '../../data/rig.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { tinyDataset } from '../../rig/tiny-dataset.ts';
import { tinyPredictor } from '../../rig/tiny-predictor.ts';

/** Bytes of a picture of `tinyDataset`. */
const BYTES = 192;

describe('the embedding of a data set', () => {
  let tensorflow: TensorFlow;
  let dataset: DatasetArtifact;
  let embedding: Embedding;
  const signal = new AbortController().signal;

  beforeAll(async () => {
    tensorflow = await testTensorFlow();
    dataset = await tinyDataset(22);
    const predictor = await tinyPredictor(tensorflow, {
      shape: [8, 8, 3],
      classes: ['a', 'b'],
      transform: { scale: [1, 1, 1], offset: [0, 0, 0] },
      kernel: Array.from({ length: BYTES }, (_, at) => [at % 7 === 0 ? 1e-3 : 0, 0]),
      bias: [-1, 0],
    });
    embedding = { ...(await openPredictorEmbedding(tensorflow, predictor, [8, 8, 3])), batchSize: 8 };
  });

  const embed = (options: Partial<Parameters<typeof embedDataset>[2]> = {}, artifact = dataset) =>
    withExamples(artifact, examples => embedDataset(embedding, examples, { signal, ...options }));

  const pixels = (indices?: readonly number[]) =>
    withExamples(dataset, examples =>
      Promise.resolve([...examples.batch(indices ?? Array.from({ length: 22 }, (_, index) => index))]),
    );

  it('has a row for each picture in order, of its bytes whatever the transform of the data', async () => {
    const { features, probabilities } = await embed();
    expect([...features]).toEqual(await pixels());
    expect(probabilities).toHaveLength(44);
  });

  it('takes the pictures of indices in their order, repeated where they are', async () => {
    const indices = [21, 3, 3, 0, 5, 6, 7, 8, 9, 10];
    const all = await embed();
    const some = await embed({ indices: Uint32Array.from(indices) });
    expect([...some.features]).toEqual(await pixels(indices));
    expect([...some.probabilities]).toEqual(
      indices.flatMap(index => [...all.probabilities.subarray(2 * index, 2 * index + 2)]),
    );
  });

  it('works in batches of one size, between which the event loop runs', async () => {
    const counts: number[] = [];
    let turns = 0;
    const turn = () => {
      turns++;
      waiting = setImmediate(turn);
    };
    let waiting = setImmediate(turn);
    const recorded: Embedding = {
      ...embedding,
      embed: (images, count) => {
        counts.push(count);
        return embedding.embed(images, count);
      },
    };
    const progress: number[] = [];
    await withExamples(dataset, examples =>
      embedDataset(recorded, examples, { signal, onProgress: done => void progress.push(done) }),
    );
    clearImmediate(waiting);
    expect(counts).toEqual([8, 8, 8]);
    expect(progress).toEqual([8, 16, 22]);
    expect(turns).toBeGreaterThanOrEqual(2);
  });

  it('stops between batches when it is interrupted', async () => {
    const controller = new AbortController();
    const done: number[] = [];
    const run = embed({
      signal: controller.signal,
      onProgress: count => {
        done.push(count);
        controller.abort();
      },
    });
    await expect(run).rejects.toBeInstanceOf(Interrupted);
    expect(done).toEqual([8]);
  });

  it('refuses none at all', async () => {
    expect(await failureOf(embed({ indices: new Uint32Array() }))).toMatchObject({
      code: 'no-pictures',
      message: 'there are no pictures of test to score',
      hint: 'load some: scores of fewer than 1,000 pictures tell little',
    });
  });

  it('refuses examples that are no pictures, and pictures of another size', async () => {
    const other = await openPredictorEmbedding(
      tensorflow,
      await tinyPredictor(tensorflow, {
        ...{ shape: [1, 1, 1], classes: ['a', 'b'], transform: { scale: [1], offset: [0] } },
        ...{ kernel: [[1, 2]], bias: [0, 0] },
      }),
      [1, 1, 1],
    );
    const run = withExamples(dataset, examples => embedDataset(other, examples, { signal }));
    expect(await failureOf(run)).toMatchObject({
      code: 'embedding-size',
      message: 'tiny takes pictures of 1×1×1, and these are 8×8×3',
    });
    const table = withExamples(dataset, examples =>
      embedDataset(
        embedding,
        { ...examples, shape: [192], artifact: { ...dataset, shape: [192] } },
        { signal },
      ),
    );
    expect((await failureOf(table)).code).toBe('no-images');
  });
});
