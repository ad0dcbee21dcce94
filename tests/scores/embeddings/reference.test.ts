import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { openEmbedding } from '../../../src/scores/embeddings/open.ts';
import { openReferenceEmbedding } from '../../../src/scores/embeddings/reference.ts';
import { failureOf } from '../../data/rig.ts';
import { temporaryFolder } from '../../rig/stage-context.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';

const folder = fileURLToPath(new URL('../../../src/scores/embeddings/cifar10', import.meta.url));
const SHAPE = [32, 32, 3];
const CLASSES = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');

describe('the classifier of the package', () => {
  let tensorflow: TensorFlow;

  beforeAll(async () => {
    tensorflow = await testTensorFlow();
  });

  async function damagedBy(change: (copy: string) => Promise<void>) {
    const copy = await temporaryFolder();
    await cp(folder, copy, { recursive: true });
    await change(copy);
    const failure = await failureOf(openReferenceEmbedding(tensorflow, SHAPE, copy));
    expect(failure).toMatchObject({
      code: 'damaged-classifier',
      message: `the classifier cifar10 of the package is damaged: ${copy}`,
      hint: 'install the package again; in a checkout: git checkout src/scores/embeddings/cifar10',
    });
    return failure.details.join('\n');
  }

  it('has 128 features of pictures of 32×32, and the probabilities of the classes of CIFAR-10', async () => {
    const embedding = await openEmbedding(tensorflow, 'cifar10', SHAPE);
    const images = Uint8Array.from({ length: 2 * 3072 }, (_, at) => (at * 7) % 256);
    const { features, probabilities } = await embedding.embed(images, 2);
    await embedding.dispose();
    const { sha256 } = JSON.parse(await readFile(join(folder, 'classifier.json'), 'utf8')) as {
      sha256: string;
    };
    expect(embedding).toMatchObject({
      ...{ id: `pipe-cifar10@${sha256.slice(0, 8)}`, name: 'pipe-cifar10' },
      ...{ width: 128, imageShape: SHAPE, classes: CLASSES },
    });
    expect(features).toHaveLength(256);
    expect(probabilities).toHaveLength(20);
    for (const row of [0, 10])
      expect(probabilities.slice(row, row + 10).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  it('opens with TensorFlow.js’s own loadLayersModel, though its weights are float16', async () => {
    const { tf } = tensorflow;
    const model = await tf.loadLayersModel(`file://${join(folder, 'model.json')}`);
    const { shape } = tf.tidy(() => model.predict(tf.zeros([2, ...SHAPE])) as Tf.Tensor);
    model.dispose();
    expect(shape).toEqual([2, 10]);
  });

  it('takes no pictures of another size', async () => {
    expect(await failureOf(openReferenceEmbedding(tensorflow, [64, 64, 3]))).toMatchObject({
      code: 'embedding-size',
      message: 'pipe-cifar10 takes pictures of 32×32×3, and these are 64×64×3',
    });
  });

  it('is refused with one bit changed', async () => {
    const details = await damagedBy(async copy => {
      const bytes = await readFile(join(copy, 'weights.bin'));
      bytes[1000] = (bytes[1000] ?? 0) ^ 1;
      await writeFile(join(copy, 'weights.bin'), bytes);
    });
    expect(details).toMatch(
      /^its files have the sha256 [0-9a-f]{64}, which is not that of classifier\.json$/,
    );
  });

  it.each([
    ['weights.bin', /cannot read .*weights\.bin/],
    ['model.json', /no such file/],
    ['classifier.json', /no such file/],
  ])('is refused without %s', async (name, expected) => {
    expect(await damagedBy(copy => rm(join(copy, name)))).toMatch(expected);
  });

  it('is refused with a file that was cut off', async () => {
    const details = await damagedBy(async copy => {
      const text = await readFile(join(copy, 'model.json'), 'utf8');
      await writeFile(join(copy, 'model.json'), text.slice(0, 5000));
    });
    expect(details).toMatch(/JSON/);
  });
});
