import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import type { TensorFlowNamespace } from '../../src/core/tensorflow.ts';
import { loadLayersModel } from '../../src/models/load-layers-model.ts';
import fit from '../../src/stages/fit.ts';
import sample from '../../src/stages/sample.ts';
import train from '../../src/stages/train.ts';
import { runStage } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

type Script = (...globals: unknown[]) => Promise<void>;
type Drop = (event: object) => Promise<void>;

const AsyncFunction = (async () => {}).constructor as new (...names: string[]) => Script;

/** The script of the web page that a document shows. */
async function scriptOf(name: string): Promise<string> {
  const page = await readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
  return /<script type="module">\n(.*?)<\/script>/s.exec(page)?.[1] ?? expect.fail('no script');
}

/** What a page fetches from the folder of an artifact. */
const served = (tf: TensorFlowNamespace, dir: string) => ({
  loadLayersModel: (path: string) => loadLayersModel(tf, join(dir, path).replace('/model.json', '')),
  fetch: async (path: string) => {
    const text = await readFile(join(dir, path), 'utf8');
    return { json: () => JSON.parse(text) as unknown };
  },
});

test('the web page of docs/classifiers.md tells the class of a picture that is dropped on it', async () => {
  const script = await scriptOf('docs/classifiers.md');
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
  const { fetch, ...loading } = served(tf, dir);
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
    { ...tf, ...loading },
    document,
    fetch,
    () => Promise.resolve(picture),
  );
  await document.ondrop?.({ preventDefault: () => {}, dataTransfer: { files: ['picture'] } });

  const model = await loadLayersModel(tf, join(dir, network));
  const probabilities = tf.tidy(() => {
    const small = tf.image.resizeBilinear(tf.browser.fromPixels(picture), [8, 8]);
    return (model.predict(small.div(127.5).sub(1).expandDims()) as ReturnType<typeof tf.tensor>).dataSync();
  });
  const best = Math.max(...probabilities);
  const name = outputs.predictor.classes[probabilities.indexOf(best)];
  expect(heading.textContent).toBe(`${name}, ${(100 * best).toFixed(1)}%`);
});

interface Element {
  readonly kind: string;
  textContent?: string;
  onclick?: () => Promise<void>;
  /** What a canvas shows. */
  pixels?: Uint8ClampedArray;
}

describe('the web page of docs/experiments.md', () => {
  test.each([true, false])('draws what sample draws, conditional: %s', async conditional => {
    const script = await scriptOf('docs/experiments.md');
    const tensorflow = await testTensorFlow('javascript');
    const { tf } = tensorflow;
    const trained = await runStage(
      train,
      { batchSize: 8, iterations: 1 },
      {
        inputs: { dataset: await tinyDataset(), reference: undefined, model: tinyModel(conditional) },
        tensorflow: () => Promise.resolve(tensorflow),
      },
    );
    const { model } = trained.outputs;
    const body: Element[] = [];
    const document = {
      body: { append: (element: Element) => void body.push(element) },
      createElement: (kind: string): Element => ({ kind }),
    };
    const { fetch, ...loading } = served(tf, model.dir);
    const noise = new Random(7);
    const page = {
      ...tf,
      ...loading,
      randomNormal: (shape: [number, number]) => tf.tensor(noise.normals(shape[0] * shape[1]), shape),
      browser: {
        toPixels: async (image: Parameters<typeof tf.browser.toPixels>[0], canvas: Element) => {
          canvas.pixels = await tf.browser.toPixels(image);
        },
      },
    };
    await new AsyncFunction('tf', 'document', 'fetch', script)(page, document, fetch);
    const buttons = body.filter(({ kind }) => kind === 'button');
    expect(buttons.map(({ textContent }) => textContent)).toEqual(conditional ? model.classes : ['draw']);
    const { numTensors } = tf.memory();
    await buttons.at(-1)?.onclick?.();
    expect(tf.memory().numTensors).toBe(numTensors);

    const drawn = await runStage(
      sample,
      { count: 1, seed: 7 },
      { inputs: { model }, tensorflow: () => Promise.resolve(tensorflow) },
    );
    const { dir, files } = drawn.outputs.images;
    const expected = await sharp(join(dir, files.at(-1) as string))
      .ensureAlpha()
      .raw()
      .toBuffer();
    const pixels = body.find(({ kind }) => kind === 'canvas')?.pixels ?? expect.fail('no picture');
    expect(pixels).toHaveLength(expected.length);
    expect(pixels.findIndex((byte, at) => Math.abs(byte - (expected[at] as number)) > 1)).toBe(-1);
    expect(new Set(pixels).size).toBeGreaterThan(50);
  });
});
