import { loadTensorFlow } from '../../../src/tensorflow/index.ts';

// Prints what becomes of convolutions whose threads cannot get the memory that they need, then of one that needs little.
const { tf, ops } = await loadTensorFlow();
const attempt = (outputs: number): void => {
  try {
    const y = ops.upsampledConv2d(tf.ones([64, 1, 1, 1]), tf.ones([3, 3, 1, outputs]));
    process.stdout.write(`${y.shape.join()}: ${y.sum().dataSync()[0]}\n`);
  } catch (error) {
    process.stdout.write(`${(error as Error).message.replaceAll(/\s+/g, ' ')}\n`);
  }
};
for (const outputs of [8192, 8192, 2]) attempt(outputs);
