import { expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { measureScores } from '../../src/scores/measure.ts';
import type { OpenReference } from '../../src/scores/open-reference.ts';
import type { NamedFeatures } from '../../src/scores/score.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

const COUNT = 12;

const features = (name: string, seed: number, first: readonly number[] = []): NamedFeatures => {
  const values = Float32Array.from(new Random(seed).normals(COUNT * 2));
  values.set(first);
  return { name, count: COUNT, width: 2, values };
};

test('a copy of a training picture that has an equal twin is the closest one', async () => {
  const reference: OpenReference = {
    features: features('held-out pictures', 1),
    probabilities: new Float32Array(COUNT).fill(1),
    labels: new Uint8Array(COUNT),
    classes: ['all'],
    embeddingClasses: ['all'],
    settings: { count: COUNT, neighbours: 5, subsets: 2, subsetSize: 4, seed: 1 },
    training: {
      features: features('training pictures', 2, [9, 9, 9, 9]),
      indices: Uint32Array.from({ length: COUNT }, (_, at) => 100 + at),
      distances: Float64Array.from({ length: COUNT }, (_, at) => (at < 2 ? 0 : 1)),
    },
  };
  const pictures = {
    features: features('generated pictures', 3, [0, 0, 9, 9, 8, 8]),
    probabilities: new Float32Array(COUNT).fill(1),
    labels: new Uint8Array(COUNT),
  };
  const tensorflow = await testTensorFlow();
  const measured = await measureScores(tensorflow, pictures, reference, new AbortController().signal);
  expect(measured.nearest[0]).toMatchObject({ picture: 1, ratio: 0 });
  // One that is near to the twins, and no copy.
  expect(measured.nearest.at(-1)?.picture).toBe(2);
  expect(JSON.stringify(measured)).not.toContain('null');
  // Of one class alone every score is a number.
  for (const [name, { value }] of Object.entries(measured.scores))
    expect(Number.isFinite(value), name).toBe(true);
  expect(measured.scores.inception_score?.value).toBeCloseTo(1);
  expect(measured.scores.label_accuracy?.value).toBe(1);
});
