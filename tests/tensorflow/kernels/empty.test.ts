import type * as Tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { fusedBatchNorm } from '../../../src/tensorflow/batch-norm.ts';
import type { NativeAttribute, NativeBackend } from '../../../src/tensorflow/binding.ts';
import { plainOps } from '../../../src/tensorflow/plain-ops.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { normalize } from './batch-norm.ts';
import { convolve, sizes, tensors } from './convolution.ts';

// On TensorFlow as it is set up on this machine.
const tensorflow = await testTensorFlow();
const { tf, ops, kind } = tensorflow;

const contents = (found: readonly Tf.Tensor[]) =>
  found.map(({ shape }, at) => [shape, [...found[at]!.dataSync()]]);

/** Batch, height, width, inputs, size, outputs, stride, upsampling. */
const CONVOLUTIONS: readonly (readonly [string, string])[] = [
  ['no images', '0 4 4 2 3 5 1 1'],
  ['no images, three outputs', '0 4 4 2 3 3 1 1'],
  ['no images, stride 2', '0 4 4 2 3 20 2 1'],
  ['no images, upsampled', '0 4 4 2 3 5 1 2'],
  ['images without rows', '2 0 4 2 3 20 2 1'],
  ['images without rows, upsampled', '2 0 4 2 3 5 1 2'],
  ['images without columns, three outputs', '2 4 0 2 3 3 1 1'],
  ['no input channels', '2 4 4 0 3 20 1 1'],
  ['no input channels, three outputs', '2 4 4 0 3 3 1 1'],
  ['no input channels, upsampled', '2 4 4 0 3 5 1 2'],
  ['no output channels', '2 4 4 2 3 0 1 1'],
  ['no output channels, upsampled', '2 4 4 2 3 0 1 2'],
];

/** Gradients by TensorFlow's own operations. Its forward one refuses kernels without elements, and gives no images a wrong shape. */
function stockGradients(text: string): readonly Tf.Tensor[] {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const { stride } = sizes(text);
  const { x, kernel, dy } = tensors(tf, sizes(text));
  const attributes: readonly NativeAttribute[] = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'strides', type: binding.TF_ATTR_INT, value: [1, stride, stride, 1] },
    { name: 'padding', type: binding.TF_ATTR_STRING, value: 'SAME' },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'use_cudnn_on_gpu', type: binding.TF_ATTR_BOOL, value: true },
    { name: 'dilations', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
  ];
  const shapeOf = (tensor: Tf.Tensor) => tf.tensor1d(tensor.shape, 'int32');
  const run = (name: string, inputs: readonly Tf.Tensor[]) =>
    backend.executeSingleOutput(name, attributes, inputs);
  return [
    run('Conv2DBackpropInput', [shapeOf(x), kernel, dy]),
    run('Conv2DBackpropFilter', [x, shapeOf(kernel), dy]),
  ];
}

describe.runIf(kind === 'native-cpu')('empty tensors', () => {
  test.each(CONVOLUTIONS)('are convolved to sums of nothing, which are zero: %s', (_, text) => {
    tf.tidy(() => {
      const { x, kernel, dy } = tensors(tf, sizes(text));
      const [output, ...gradients] = convolve(tensorflow, sizes(text));
      expect(contents([output as Tf.Tensor])).toEqual(contents([tf.zerosLike(dy)]));
      expect(contents(gradients)).toEqual(contents([tf.zerosLike(x), tf.zerosLike(kernel)]));
      if (sizes(text).upsample === 1) expect(contents(gradients)).toEqual(contents(stockGradients(text)));
    });
  });

  test.each([[[0, 4, 4, 3]], [[0, 3]], [[2, 0, 4, 3]], [[2, 4, 4, 0]], [[2, 0]], [[0, 0]]])(
    'are normalised as by TensorFlow’s operation, statistics being NaN: %j',
    shape => {
      tf.tidy(() => {
        const stock: typeof ops.batchNorm = (x, gamma, beta, epsilon) =>
          fusedBatchNorm(tf, tf.backend() as unknown as NativeBackend, [x, gamma, beta], epsilon);
        const wanted = normalize(tensorflow, shape, { ops: { batchNorm: stock } });
        expect(contents(normalize(tensorflow, shape))).toEqual(contents(wanted));
        const ofImages = { perImage: true, slope: 0.2 };
        const [y, , , ...gradients] = normalize(tensorflow, shape, ofImages);
        const affine = tf.zeros([shape[0]!, shape.at(-1)!]);
        const zeros = [tf.zeros(shape), tf.zeros(shape), affine, affine];
        expect(contents([y as Tf.Tensor, ...gradients])).toEqual(contents(zeros));
      });
    },
  );

  const plain = plainOps(tf);
  test.each([
    ['relu', (x: Tf.Tensor, by: typeof ops) => by.relu(x)],
    ['leakyRelu', (x: Tf.Tensor, by: typeof ops) => by.leakyRelu(x, 0.2)],
    ['tanh', (x: Tf.Tensor, by: typeof ops) => by.tanh(x)],
    ['biasAdd', (x: Tf.Tensor, by: typeof ops) => by.biasAdd(x, tf.ones([3]))],
  ])('go through %s and its gradient', (_, apply) => {
    tf.tidy(() => {
      const x = tf.zeros([0, 2, 2, 3]);
      const both = (by: typeof ops) => [apply(x, by), tf.grad(input => apply(input, by))(x, x)];
      expect(contents(both(ops))).toEqual(contents(both(plain)));
    });
  });
});
