/** This project's training iteration as the train stage runs it: the compiled step, bytes in, losses out. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peerOptions, runPeer } from './peers/peer.js';
import { importSource } from './source.js';

const asked = peerOptions();
const root = fileURLToPath(new URL('..', import.meta.url));
const { adam, bce, bindGan, builtInGan, ganStep, loadTensorFlow, scalarInput } = await importSource(
  'src/tensorflow/index.ts',
  'src/models/gan.ts',
  'src/training/gan/step.ts',
  'src/training/gan/losses.ts',
  'src/training/optimizers/adam.ts',
  'src/training/feed.ts',
);

const tensorflow = await loadTensorFlow();
const { latent, generator, discriminator } = builtInGan(join(root, 'src'), asked.model);
const classes = Array.from({ length: 10 }, (_, index) => String(index));
const gan = bindGan({ latentDim: latent, imageShape: [32, 32, 3], classes, generator, discriminator });
const optimizer = adam({ beta1: 0.5, beta2: 0.999, epsilon: 1e-7 });
const rate = scalarInput(2e-4);
const transform = { scale: [1 / 127.5, 1 / 127.5, 1 / 127.5], offset: [-1, -1, -1] };
const { fakes } = asked;
const settings = { loss: bce, generator: optimizer, discriminator: optimizer, fakes, transform };
const compiled = tensorflow.compile(ganStep(tensorflow, gan, settings, 1));
let iteration = 0;

async function step({ noise, images, labels }) {
  const size = labels.length;
  const values = await compiled.run({
    images: { shape: [size, 32, 32, 3], values: images },
    labels: { shape: [size], values: Uint8Array.from(labels) },
    z: { shape: [size, latent], values: noise },
    seed: { shape: [2], values: Int32Array.of(iteration++, 0) },
    learningRate: rate,
    discriminatorLearningRate: rate,
  });
  return Object.fromEntries(Object.entries(values).map(([name, [value]]) => [name, value]));
}

/** Takes weights in the reference's order, which is the networks' own. */
async function load(tensors, weights) {
  const keys = [...gan.generator.weights, ...gan.discriminator.weights].map(({ key }) => key);
  if (keys.length !== tensors.length)
    throw new Error(`the networks have ${keys.length} weights, the reference ${tensors.length}`);
  await compiled.write(Object.fromEntries(keys.map((key, index) => [key, weights[index]])));
}

await runPeer('pipe', asked, {
  step,
  load,
  tolerance: 2e-5,
  arithmetic: 'reduced',
  versions: { pipe: 'this checkout', tensorflow: tensorflow.version },
});
