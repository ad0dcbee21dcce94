import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bindPredictor, builtInPredictor } from '../../../src/models/predictor.ts';
import { fitStep } from '../../../src/training/classifier/step.ts';
import { dropoutSeed, scalarInput } from '../../../src/training/feed.ts';
import { sgd } from '../../../src/training/optimizers/sgd.ts';
import { referenceBatch, referenceWeights, type Reference } from '../../rig/reference.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';

interface ClassifierReference extends Pick<Reference, 'seed' | 'batch' | 'tensors'> {
  readonly train: {
    readonly learningRate: number;
    readonly momentum: number;
    readonly labelSmoothing: number;
  };
  readonly losses: readonly number[];
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const reference = JSON.parse(
  readFileSync(`${root}/tests/fixtures/reference/resnet.json`, 'utf8'),
) as ClassifierReference;
const tensorflow = await testTensorFlow();

const [mean, std] = [
  [125.3, 123, 113.9],
  [63, 62.1, 66.7],
];
const transform = {
  scale: std.map(each => 1 / each),
  offset: mean.map((each, at) => -each / (std[at] as number)),
};

test.skipIf(tensorflow.kind === 'javascript')(
  'resnet has the losses of Keras in each of three iterations',
  async () => {
    const { train, tensors, seed, batch, losses } = reference;
    const { network: spec } = builtInPredictor(`${root}/src`, 'resnet');
    const network = bindPredictor(spec, { input: [32, 32, 3], outputs: 10, isRegression: false });
    expect(network.weights.map(({ key }) => key)).toEqual(tensors.map(({ name }) => name));
    const { learningRate, labelSmoothing, momentum } = train;
    const optimizer = sgd({ momentum, nesterov: true });
    const settings = { seed: 1, optimizer, transform, augment: [], labelSmoothing };
    const step = tensorflow.compile(fitStep(tensorflow, network, settings));
    const values = referenceWeights(reference);
    await step.write(Object.fromEntries(tensors.map(({ name }, at) => [name, values[at] as Float32Array])));
    const found: number[] = [];
    for (const iteration of losses.keys()) {
      const { images, labels } = referenceBatch(seed, iteration + 1, batch, 1);
      const { loss } = await step.run({
        examples: { shape: [batch, 32, 32, 3], values: images },
        labels: { shape: [batch], values: Uint8Array.from(labels) },
        seed: dropoutSeed(1, iteration),
        learningRate: scalarInput(learningRate),
      });
      found.push(loss?.[0] as number);
    }
    await step.dispose();
    expect(found[0]).toBeCloseTo(losses[0] as number, 5);
    // Later ones follow from rectifiers that roundings turn on or off.
    found.forEach((loss, at) => expect(Math.abs(loss - (losses[at] as number))).toBeLessThan(1e-3));
  },
);
