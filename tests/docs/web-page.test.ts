import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadLayersModel } from '../../src/models/load-layers-model.ts';
import fit from '../../src/stages/fit.ts';
import { runStage } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';

type Script = (...globals: unknown[]) => Promise<void>;
type Drop = (event: object) => Promise<void>;

const AsyncFunction = (async () => {}).constructor as new (...names: string[]) => Script;

test('the web page of docs/classifiers.md tells the class of a picture that is dropped on it', async () => {
  const page = await readFile(new URL('../../docs/classifiers.md', import.meta.url), 'utf8');
  const script = /<script type="module">\n(.*?)<\/script>/s.exec(page)?.[1] ?? expect.fail('no script');
  const tensorflow = await testTensorFlow('javascript');
  const { tf } = tensorflow;
  const { outputs } = await runStage(
    fit,
    { network: 'cnn', batchSize: 8, epochs: 1 },
    {
      inputs: { dataset: await tinyDataset(), validation: undefined, test: undefined },
      tensorflow: () => Promise.resolve(tensorflow),
    },
  );
  const { dir, network } = outputs.predictor;
  const served = (path: string) => join(dir, path);
  expect(network).toBe('network');

  const heading = { textContent: '' };
  const document: { ondrop?: Drop; querySelector: () => object } = { querySelector: () => heading };
  const size = 16;
  const picture = {
    data: Uint8Array.from({ length: 4 * size * size }, (_, at) => (at * 37) % 256),
    width: size,
    height: size,
  };
  await new AsyncFunction('tf', 'document', 'fetch', 'createImageBitmap', script)(
    {
      ...tf,
      loadLayersModel: (path: string) => loadLayersModel(tf, served(path).replace('/model.json', '')),
    },
    document,
    async (path: string) => {
      const text = await readFile(served(path), 'utf8');
      return { json: () => JSON.parse(text) as unknown };
    },
    () => Promise.resolve(picture),
  );
  await document.ondrop?.({ preventDefault: () => {}, dataTransfer: { files: ['picture'] } });

  const model = await loadLayersModel(tf, served(network));
  const probabilities = tf.tidy(() => {
    const small = tf.image.resizeBilinear(tf.browser.fromPixels(picture), [8, 8]);
    return (model.predict(small.div(127.5).sub(1).expandDims()) as ReturnType<typeof tf.tensor>).dataSync();
  });
  const best = Math.max(...probabilities);
  const name = outputs.predictor.classes[probabilities.indexOf(best)];
  expect(heading.textContent).toBe(`${name}, ${(100 * best).toFixed(1)}%`);
});
