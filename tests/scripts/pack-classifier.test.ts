import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layersModelHash } from '../../src/scores/embeddings/layers-model-hash.ts';
import { temporaryFolder } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyPredictor } from '../rig/tiny-predictor.ts';

const { packClassifier } = await import('../../scripts/pack-classifier.js');

/** Weights with their float16 values by IEEE 754, as NumPy rounds them. */
const HALVES = [
  [0.1, 0.0999755859375],
  [-1 / 3, -0.333251953125],
  // Between two, the even one.
  [1 + 2 ** -11, 1],
  [1 + 3 * 2 ** -11, 1 + 2 ** -9],
  [65_519, 65_504],
  [2047.5, 2048],
  // Below the normal numbers.
  [6e-5, 6.0021877288818359e-5],
  [2 ** -25, 0],
] as const;

test('weights are rounded to float16, and the files describe themselves', async () => {
  const tensorflow = await testTensorFlow('javascript');
  const kernel = HALVES.map(([value]) => [value, -value]);
  const transform = { scale: [0.5], offset: [-1] };
  const facts = { shape: [2, 4, 1], classes: ['a', 'b'], transform };
  const predictor = await tinyPredictor(tensorflow, { ...facts, kernel, bias: [0.5, -0] });
  const experiment = await temporaryFolder();
  const place = (name: string, content: unknown) =>
    writeFile(join(experiment, name), JSON.stringify(content));
  await mkdir(join(experiment, 'stages', 'fit'), { recursive: true });
  await place('stages/fit/stage.json', { outputs: { predictor: { ...predictor, dir: '.' } } });
  await place('experiment.json', {
    ...{ metrics: { test_accuracy: { last: 0.75 } }, git: { commit: 'c0ffee' } },
  });
  await mkdir(join(experiment, 'tiny'));
  for (const name of ['model.json', 'weights.bin'])
    await writeFile(join(experiment, 'tiny', name), await readFile(join(predictor.dir, 'tiny', name)));

  const folder = join(await temporaryFolder(), 'packed');
  await packClassifier(experiment, 'two pictures', folder);

  const { loadLayersModel } = await import('../../src/models/load-layers-model.ts');
  const model = await loadLayersModel(tensorflow.tf, folder);
  const [packed, bias] = model.getWeights().map(weight => [...weight.dataSync()]);
  model.dispose();
  expect(packed).toEqual(HALVES.flatMap(([, half]) => [half, -half]));
  expect(bias).toEqual([0.5, -0]);
  expect(JSON.parse(await readFile(join(folder, 'classifier.json'), 'utf8'))).toEqual({
    ...{ name: 'tiny', sha256: await layersModelHash(folder, transform), ...facts, testAccuracy: 0.75 },
    ...{ data: 'two pictures', pipeline: { file: 'pipelines/reference-classifier.yaml', commit: 'c0ffee' } },
  });
});
