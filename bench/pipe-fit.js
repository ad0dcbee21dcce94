/** This project's training of a classifier as the stage `fit` does it: its task through the loop, from bytes in memory to losses. */
import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindClassifier, fitParams } from './model.js';
import { cpuMs, peerOptions, printLine, rounded } from './peers/peer.js';
import { importSource, readReference } from './source.js';

const IMAGES = 50_000;
const VALIDATED = 10_000;
const [HEIGHT, WIDTH, CHANNELS] = [32, 32, 3];
/** CIFAR-10's mean and standard deviation, as the peers have them. */
const MEAN = [125.3, 123, 113.9];
const STD = [63, 62.1, 66.7];
/** How far the first loss may be from the reference's. */
const TOLERANCE = 2e-5;

const asked = peerOptions();
const source = await importSource(
  'src/tensorflow/index.ts',
  'src/models/predictor.ts',
  'src/data/dataset.ts',
  'src/training/loop.ts',
  'src/training/optimizers/param.ts',
  'src/training/classifier/task.ts',
  'src/training/classifier/inference.ts',
  'src/core/random.ts',
);
const tensorflow = await source.loadTensorFlow();
const { network, classes } = bindClassifier(source, asked.model);
const params = await fitParams(asked.model);

const folder = mkdtempSync(join(tmpdir(), 'pipe-bench-'));
try {
  const result = asked.check ? await checked() : await timed();
  printLine('pipe', asked, {
    versions: { pipe: 'this checkout', tensorflow: tensorflow.version },
    ...result,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Trains on a data set for so many iterations. `done` gets each one's metrics, as the stage's recorder does. */
async function train({ images, labels, batchSize, shuffle, augment, learningRate }, until, { done, load }) {
  return source.withExamples(writeData(images, labels), async examples => {
    const { labelSmoothing } = params;
    const task = source.fitTask(tensorflow, network, examples, {
      seed: 1,
      batchSize,
      shuffle,
      learningRate: () => learningRate,
      settings: { seed: 1, optimizer: source.optimizerOf(params), augment, labelSmoothing },
    });
    const { state } = await source.trainLoop(tensorflow, task, {
      until,
      every: until,
      seed: 1,
      signal: new AbortController().signal,
      resume: load && { iteration: 0, noise: new source.Random(1).state(), state: load(task.step.state) },
      observer: { iteration: (_iteration, metrics) => done(metrics), state: () => Promise.resolve() },
    });
    return { state, examples };
  });
}

function writeData(images, labels) {
  writeFileSync(join(folder, 'images'), images);
  writeFileSync(join(folder, 'labels'), labels);
  const transform = {
    scale: STD.map(each => 1 / each),
    offset: MEAN.map((mean, at) => -mean / STD[at]),
  };
  const files = { dir: folder, images: 'images', labels: 'labels' };
  const shape = { count: labels.length, height: HEIGHT, width: WIDTH, channels: CHANNELS };
  return { kind: 'dataset', ...files, ...shape, classes, source: 'synthetic', transform };
}

async function timed() {
  const { augment, learningRate } = params;
  const images = randomFillSync(Buffer.alloc(IMAGES * HEIGHT * WIDTH * CHANNELS));
  const labels = Uint8Array.from({ length: IMAGES }, () => Math.random() * classes.length);
  const data = { images, labels, batchSize: asked.batch, shuffle: true, augment, learningRate };
  const times = [];
  let start = performance.now();
  let cpu = 0;
  let cpuAtEnd = 0;
  const done = () => {
    const now = performance.now();
    times.push(now - start);
    start = now;
    if (times.length === asked.warmup) cpu = cpuMs();
    cpuAtEnd = cpuMs();
  };
  const { state } = await train(data, asked.warmup + asked.iterations, { done });
  return {
    ms: times.slice(asked.warmup).map(rounded),
    cpuMs: rounded((cpuAtEnd - cpu) / asked.iterations),
    warmupMs: rounded(times.slice(0, asked.warmup).reduce((total, ms) => total + ms, 0)),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    validation: await timedValidation(data, state),
  };
}

/** Milliseconds of predicting so many examples as the stage validates them. */
async function timedValidation({ images, labels }, state) {
  const bytes = HEIGHT * WIDTH * CHANNELS;
  const artifact = writeData(images.subarray(0, VALIDATED * bytes), labels.subarray(0, VALIDATED));
  return source.withExamples(artifact, async examples => {
    const { transform } = artifact;
    const inference = new source.Inference(tensorflow, network, { transform, ...params.validation });
    await inference.use(state);
    const predict = async (until = VALIDATED) => {
      const [start, cpu] = [performance.now(), cpuMs()];
      let count = 0;
      for await (const predictions of inference.predict(examples)) {
        count += predictions.count;
        if (count >= until) break;
      }
      if (count < until) throw new Error(`${count} predictions`);
      return { ms: rounded(performance.now() - start), cpuMs: rounded(cpuMs() - cpu) };
    };
    // The first batch compiles it.
    await predict(1);
    const time = await predict();
    await inference.dispose();
    return { examples: VALIDATED, ofExamples: IMAGES, ...time };
  });
}

async function checked() {
  const reference = readReference(asked.model);
  const { referenceBatch, referenceWeights } = await importSource('tests/rig/reference.ts');
  const { seed, batch, losses, train: trained, tensors } = reference;
  const batches = losses.map((_, at) => referenceBatch(seed, at + 1, batch, 1));
  const images = Buffer.concat(batches.map(each => each.images));
  const labels = Uint8Array.from(batches.flatMap(each => [...each.labels]));
  const weights = referenceWeights(reference);
  const byKey = Object.fromEntries(tensors.map(({ name }, at) => [name, weights[at]]));
  const differences = [];
  const options = { batchSize: batch, shuffle: false, augment: [], learningRate: trained.learningRate };
  await train({ images, labels, ...options }, losses.length, {
    done: ({ loss }) => differences.push(Math.abs(loss - losses[differences.length])),
    load: state =>
      Object.fromEntries(Object.entries(state).map(([key, { values }]) => [key, byKey[key] ?? values])),
  });
  const agrees = differences[0] < TOLERANCE && Math.max(...differences) < 20 * TOLERANCE;
  return { batch, check: agrees, differences };
}
