/** This project's training iteration as the train stage of the model's pipeline runs it: the compiled step, bytes in, losses out. */
import { bindModel, trainParams } from './model.js';
import { peerOptions, runPeer } from './peers/peer.js';
import { importSource } from './source.js';

const asked = peerOptions();
const source = await importSource(
  'src/tensorflow/index.ts',
  'src/models/gan.ts',
  'src/training/gan/step.ts',
  'src/training/gan/settings.ts',
  'src/training/gan/setting-inputs.ts',
  'src/training/feed.ts',
);
const { ganSettings, ganStep, loadTensorFlow, scalarInput, settingInputs } = source;

const tensorflow = await loadTensorFlow();
const { latent, gan } = bindModel(source, asked.model);
const train = await trainParams(asked.model, asked.fakes);
const { learningRate, discriminatorLearningRate = learningRate, discriminatorSteps, fakes } = train;
const transform = { scale: [1 / 127.5, 1 / 127.5, 1 / 127.5], offset: [-1, -1, -1] };
const settings = ganSettings(train);
const compiled = tensorflow.compile(ganStep(tensorflow, gan, { ...settings, transform }, 1));
let iteration = 0;

async function step({ noise, images, labels }) {
  const size = labels.length;
  const values = await compiled.run({
    images: { shape: [size, 32, 32, 3], values: images },
    labels: { shape: [size], values: Uint8Array.from(labels) },
    z: { shape: [size, latent], values: noise },
    seed: { shape: [2], values: Int32Array.of(++iteration, 0) },
    learningRate: scalarInput(learningRate),
    discriminatorLearningRate: scalarInput(discriminatorLearningRate),
    ...settingInputs(settings, iteration),
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

await runPeer(
  'pipe',
  { ...asked, fakes },
  {
    step,
    load,
    tolerance: 2e-5,
    latent,
    steps: discriminatorSteps,
    versions: { pipe: 'this checkout', tensorflow: tensorflow.version },
  },
);
