/**
 * What the JavaScript entries of the benchmark share: options, synthetic data, the timed loop, the check and the JSON line.
 * The twin of peer.py; README.md describes the protocol.
 */
import { parseArgs } from 'node:util';
import { importSource, readReference } from '../source.js';

const CLASSES = 10;
const PIXELS = 32 * 32 * 3;
const POOL = 1024;
const LOSSES = ['d_loss_real', 'd_loss_fake', 'd_loss', 'g_loss'];
const CHECKED_ITERATIONS = 3;
const NOT_OFFERED = 3;

/** The options that every entry takes. */
export function peerOptions() {
  const text = (value, short) => ({ type: 'string', default: value, ...short });
  const { values } = parseArgs({
    options: {
      model: text('cgan'),
      batch: text('32'),
      fakes: { type: 'string' },
      iterations: text('30'),
      warmup: text('5'),
      threads: text('2'),
      check: { type: 'boolean', default: false },
    },
  });
  const { model, fakes, check } = values;
  const number = name => Number(values[name]);
  return {
    model,
    fakes,
    check,
    batch: number('batch'),
    iterations: number('iterations'),
    warmup: number('warmup'),
    threads: number('threads'),
  };
}

/** Ends an entry that has no way to do what was asked for. */
export function notOffered(reason) {
  console.error(`not offered: ${reason}`);
  process.exit(NOT_OFFERED);
}

/**
 * Times or checks an entry and prints its line. An entry has `step({ noise, images, labels })`, which answers the
 * metrics (or a promise of them), `load(tensors, weights)`, `versions`, and `tolerance`: how far a loss of the first iteration may be
 * from the reference's; also `latent`, the size of the noise, and `steps`, the discriminator's in an iteration, where they are not
 * 100 and 1.
 */
export async function runPeer(peer, asked, entry) {
  const { model, batch, fakes = 'inference', threads } = asked;
  const result = asked.check ? await checked({ ...asked, fakes }, entry) : await timed(asked, entry);
  printLine(peer, { model, batch, threads }, { fakes, versions: entry.versions, ...result });
}

/** Prints an entry's line, which may say that it differs from the reference. */
export function printLine(peer, { model, batch, threads }, result) {
  console.log(JSON.stringify({ peer, model, batch, threads, ...result }));
  if (result.check === false) process.exitCode = 1;
}

async function timed(asked, entry) {
  const { latent = 100, steps = 1 } = entry;
  const next = batches(asked.batch * steps, latent);
  const times = [];
  let metrics;
  let start = performance.now();
  let cpu = 0;
  for (let done = 0; done < asked.warmup + asked.iterations; done++) {
    metrics = await entry.step(next());
    const now = performance.now();
    times.push(now - start);
    start = now;
    if (times.length === asked.warmup) cpu = cpuMs();
  }
  if (!LOSSES.every(name => Number.isFinite(metrics[name])))
    throw new Error(`training diverged: ${JSON.stringify(metrics)}`);
  return {
    ms: times.slice(asked.warmup).map(rounded),
    cpuMs: rounded((cpuMs() - cpu) / asked.iterations),
    warmupMs: rounded(times.slice(0, asked.warmup).reduce((total, ms) => total + ms, 0)),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

export const rounded = ms => Number(ms.toFixed(3));

/** Time that processors have spent on this process, in milliseconds. */
export function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Answers a function that draws batches: noise [B, latent] from N(0, 1), uint8 images [B, 32, 32, 3], labels [B]. */
function batches(size, latent) {
  const bytes = Buffer.alloc(POOL * PIXELS);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Math.random() * 256;
  const classes = Int32Array.from({ length: POOL }, () => Math.random() * CLASSES);
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return () => {
    const images = new Uint8Array(size * PIXELS);
    const labels = new Int32Array(size);
    for (let at = 0; at < size; at++) {
      const chosen = Math.floor(Math.random() * POOL);
      images.set(bytes.subarray(chosen * PIXELS, (chosen + 1) * PIXELS), at * PIXELS);
      labels[at] = classes[chosen];
    }
    return { noise: Float32Array.from({ length: size * latent }, normal), images, labels };
  };
}

async function checked(asked, entry) {
  const reference = readReference(asked.model);
  const { referenceBatch, referenceWeights } = await importSource('tests/rig/reference.ts');
  await entry.load(reference.tensors, referenceWeights(reference));
  const differences = [];
  let rightAccuracy = true;
  for (const expected of reference.fakes[asked.fakes].metrics.slice(0, CHECKED_ITERATIONS)) {
    const { iteration } = expected;
    const metrics = await entry.step(
      referenceBatch(reference.seed, iteration, reference.batch, entry.latent),
    );
    differences.push(Math.max(...LOSSES.map(name => Math.abs(metrics[name] - expected[name]))));
    if (iteration === 1) rightAccuracy = Math.abs(metrics.d_accuracy - expected.d_accuracy) < 1e-6;
  }
  const agrees = differences[0] < entry.tolerance && Math.max(...differences) < 20 * entry.tolerance;
  return { batch: reference.batch, check: rightAccuracy && agrees, differences };
}
