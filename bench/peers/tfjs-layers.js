/**
 * TensorFlow.js as its users write a GAN: tfjs-layers models, `compile` and `trainOnBatch`, on this project's native TensorFlow.
 * One departure from the reference that no loss shows: tfjs-layers' batch norm moves D's moving statistics in G's step too.
 */
import { importSource } from '../source.js';
import { notOffered, peerOptions, runPeer } from './peer.js';

const asked = peerOptions();
if (asked.fakes === 'shared') notOffered('trainOnBatch makes its own forward pass');
const { loadTensorFlow } = await importSource('src/tensorflow/index.ts');
const { tf, version } = await loadTensorFlow();
const conditional = asked.model === 'cgan';
const withLabels = (x, labels) => (conditional ? [x, labels] : x);

const conv = (filters, strides = 1) => tf.layers.conv2d({ filters, kernelSize: 3, strides, padding: 'same' });
const batchNorm = () => tf.layers.batchNormalization({ momentum: 0.8 });
const leaky = () => tf.layers.leakyReLU({ alpha: 0.2 });
const adam = () => tf.train.adam(2e-4, 0.5, 0.999, 1e-7);

/** z [B, 100] (and one-hot labels [B, 10]) to images [B, 32, 32, 3] in [-1, 1]. */
function buildGenerator() {
  const z = tf.input({ shape: [100] });
  const labels = tf.input({ shape: [10] });
  let x = conditional ? tf.layers.concatenate().apply([z, labels]) : z;
  x = tf.layers.dense({ units: 8 * 8 * 128, activation: 'relu' }).apply(x);
  x = tf.layers.reshape({ targetShape: [8, 8, 128] }).apply(x);
  for (const filters of [128, 64]) {
    x = tf.layers.upSampling2d({ size: [2, 2] }).apply(x); // 8 → 16 → 32
    x = batchNorm().apply(conv(filters).apply(x));
    x = tf.layers.reLU().apply(x);
  }
  x = tf.layers.activation({ activation: 'tanh' }).apply(conv(3).apply(x));
  return tf.model({ inputs: withLabels(z, labels), outputs: x });
}

/** Images [B, 32, 32, 3] (and one-hot labels [B, 10]) to logits [B, 1]. */
function buildDiscriminator() {
  const image = tf.input({ shape: [32, 32, 3] });
  const labels = tf.input({ shape: [10] });
  let x = leaky().apply(conv(32, 2).apply(image)); // 16 × 16
  const blocks = [
    [64, 2],
    [128, 2],
    [256, conditional ? 2 : 1],
  ];
  for (const [filters, strides] of blocks) {
    x = leaky().apply(batchNorm().apply(conv(filters, strides).apply(x)));
  }
  x = tf.layers.flatten().apply(x);
  if (conditional) {
    x = tf.layers.concatenate().apply([x, labels]);
    x = tf.layers.dense({ units: 512, activation: 'relu' }).apply(x);
  }
  return tf.model({ inputs: withLabels(image, labels), outputs: tf.layers.dense({ units: 1 }).apply(x) });
}

const loss = (target, logits) => tf.losses.sigmoidCrossEntropy(target, logits);
const accuracy = (target, logits) => tf.equal(tf.greater(logits, 0), tf.cast(target, 'bool')).mean();

const generator = buildGenerator();
const discriminator = buildDiscriminator();
discriminator.compile({ optimizer: adam(), loss, metrics: [accuracy] });
// Weights are collected when a model is compiled: D stands still in the combined model.
discriminator.trainable = false;
const judged = discriminator.apply(withLabels(generator.outputs[0], generator.inputs[1]));
const combined = tf.model({ inputs: generator.inputs, outputs: judged });
combined.compile({ optimizer: adam(), loss });

async function step({ noise, images, labels }) {
  const size = labels.length;
  const z = tf.tensor2d(noise, [size, 100]);
  const real = tf.tidy(() => tf.tensor4d(images, [size, 32, 32, 3], 'int32').div(127.5).sub(1));
  const oneHot = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), 10), 'float32'));
  const valid = tf.ones([size, 1]);
  const fake = tf.zeros([size, 1]);
  const fakes = generator.predictOnBatch(withLabels(z, oneHot));
  discriminator.trainable = true;
  const [lossReal, accuracyReal] = await discriminator.trainOnBatch(withLabels(real, oneHot), valid);
  const [lossFake, accuracyFake] = await discriminator.trainOnBatch(withLabels(fakes, oneHot), fake);
  discriminator.trainable = false;
  const g_loss = await combined.trainOnBatch(withLabels(z, oneHot), valid);
  tf.dispose([z, real, oneHot, valid, fake, fakes]);
  return {
    d_loss_real: lossReal,
    d_loss_fake: lossFake,
    d_loss: (lossReal + lossFake) / 2,
    d_accuracy: (accuracyReal + accuracyFake) / 2,
    g_loss,
  };
}

/** Takes weights in the reference's order, which is the layers' own. */
function load(tensors, weights) {
  let next = 0;
  for (const layer of [...generator.layers, ...discriminator.layers]) {
    const values = layer.weights.map(({ shape }) => tf.tensor(weights[next++], shape));
    layer.setWeights(values);
    tf.dispose(values);
  }
  if (next !== tensors.length)
    throw new Error(`the models have ${next} weights, the reference ${tensors.length}`);
}

// TensorFlow.js's Adam adds ε where its effect is 30 times smaller in the first step: g_loss, after D's steps, shows it.
await runPeer('tfjs-layers trainOnBatch', asked, {
  step,
  load,
  tolerance: 1e-3,
  versions: { tfjs: tf.version.tfjs, tensorflow: version },
});
