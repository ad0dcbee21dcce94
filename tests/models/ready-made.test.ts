import { beforeAll, describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { codeDir } from '../../src/host/paths.ts';
import { bindGan, builtInGan, BUILT_IN_GANS } from '../../src/models/gan.ts';
import { flattened, type Network } from '../../src/models/network.ts';
import { bindPredictor, builtInPredictor } from '../../src/models/predictor.ts';
import { product } from '../../src/models/shape.ts';
import { weightCount } from '../../src/models/summary.ts';
import { expectExportIsForward, expectSamePass, passOf } from '../rig/networks.ts';
import { builtInNetworks } from '../rig/reference-gan.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

const readyMade = BUILT_IN_GANS.filter(name => name !== 'dcgan' && name !== 'cgan');

/** Multiply-adds of a pass of one image through what multiplies by kernels, as written. */
const multiplyAdds = ({ layers }: Network): number =>
  flattened(layers).reduce((total, { weights, output }) => {
    const kernel = weights.find(({ name }) => name === 'kernel');
    const positions = output.length === 3 ? (output[0] as number) * (output[1] as number) : 1;
    return total + (kernel === undefined ? 0 : positions * product(kernel.shape));
  }, 0);

test.each([
  ['acgan', true, 1_133_187, 1_510_070],
  ['sngan', false, 1_051_267, 1_469_090],
  ['cgan-projection', true, 1_054_723, 1_468_066],
  ['resnet-gan', true, 376_579, 266_114],
] as const)('%s has its weights and labels', (name, conditional, made, judged) => {
  const { generator, discriminator } = builtInNetworks(name);
  expect(generator.output).toEqual([32, 32, 3]);
  expect(discriminator.output).toEqual([1]);
  expect(generator.conditional).toBe(conditional);
  expect(discriminator.conditional).toBe(conditional && name !== 'acgan');
  expect(discriminator.heads).toEqual(name === 'acgan' ? { class: [10] } : {});
  expect([weightCount(generator), weightCount(discriminator)]).toEqual([made, judged]);
});

// Users train on two cores. With fakes: shared the generator runs once forwards and twice backwards, and the discriminator six times
// for its own step and twice for the generator's.
test.each(readyMade)('an iteration of %s is less than 10⁹ multiply-adds for each image', name => {
  const { generator, discriminator } = builtInNetworks(name);
  expect(3 * multiplyAdds(generator) + 8 * multiplyAdds(discriminator)).toBeLessThan(1e9);
});

const resnetOf = (input: readonly number[]): Network =>
  bindPredictor(builtInPredictor(codeDir, 'resnet').network, { input, outputs: 10, isRegression: false });

// The pipeline of the classifier trains it for 32 epochs, which are to take no more than an hour of two cores.
test('resnet has its weights, and a picture takes less than 2 · 10⁸ multiply-adds', () => {
  const resnet = resnetOf([32, 32, 3]);
  expect(weightCount(resnet)).toBe(1_980_394);
  expect(multiplyAdds(resnet)).toBeLessThan(2e8);
});

test('resnet is the same rewritten, and exported', async () => {
  const tensorflow = await testTensorFlow();
  const small = resnetOf([12, 8, 1]);
  const written = passOf(tensorflow, small, { training: true, plain: true });
  expectSamePass(passOf(tensorflow, small, { training: true }), written, 1e-3);
  expectExportIsForward(tensorflow, small, 1e-3);
});

describe.each(readyMade)('%s', name => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow();
  });
  const { latent, ...networks } = builtInGan(codeDir, name);
  const small = bindGan({
    ...networks,
    latentDim: latent,
    imageShape: [8, 8, 1],
    classes: ['a', 'b', 'c'],
  });

  test.each(['generator', 'discriminator'] as const)('the %s is the same rewritten, and exported', which => {
    const written = passOf(tensorflow, small[which], { training: true, plain: true });
    // Random weights make large numbers, which a tanh at the end is steep for.
    expectSamePass(passOf(tensorflow, small[which], { training: true }), written, 1e-3);
    expectExportIsForward(tensorflow, small[which], 1e-3);
  });
});
