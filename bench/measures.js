/**
 * Times the measures of generated pictures, and their memory, on random features.
 *
 *     npm run bench:measures [-- --width 128 --pictures 10000 --training 50000 --only fid,kid]
 *
 * `own` is what the distances of training pictures to each other take, once per data set.
 */
import { parseArgs } from 'node:util';
import { importSource } from './source.js';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '128' },
    pictures: { type: 'string', default: '10000' },
    training: { type: 'string', default: '50000' },
    only: { type: 'string' },
  },
});
const [width, pictures, training] = [values.width, values.pictures, values.training].map(Number);

const { loadTensorFlow, Random, kid, fid, fidInfinity, manifoldScores, nearest, ownDistances } =
  await importSource(
    'src/tensorflow/index.ts',
    'src/core/random.ts',
    'src/scores/measures/kid.ts',
    'src/scores/measures/fid.ts',
    'src/scores/measures/fid-infinity.ts',
    'src/scores/measures/manifold.ts',
    'src/scores/measures/nearest.ts',
    'src/scores/measures/authenticity.ts',
  );
const context = { tensorflow: await loadTensorFlow(), seed: 1 };

/** Correlated features, none below zero, as a classifier's last ones are. */
function features(name, seed, count, shift) {
  const random = new Random(seed);
  const noise = random.normals(count * width);
  const rows = noise.map((value, at) => Math.max(0, value + (noise[at - (at % 7)] ?? 0) + shift));
  return { name, count, width, values: rows };
}
const reference = features('reference pictures', 1, pictures, 0);
const generated = features('generated pictures', 2, pictures, 0.1);
const trained = features('training pictures', 3, training, 0);

const measures = {
  kid: () => kid(context, reference, generated),
  fid: () => fid(context, reference, generated),
  fidInfinity: () => fidInfinity(context, reference, generated),
  manifold: () => manifoldScores(context, reference, generated),
  nearest: () => nearest(context, generated, trained, 1),
  own: () => ownDistances(context, trained),
  oneFid: () => fid(context, reference, generated, 0),
};
const chosen = values.only?.split(',') ?? ['kid', 'fid', 'fidInfinity', 'manifold', 'nearest', 'own'];

const resident = () => process.resourceUsage().maxRSS / 1024;
const before = resident();
console.log(
  `width ${width}, ${pictures} pictures, ${training} training pictures; ${before.toFixed(0)} MB before`,
);
for (const name of chosen) {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await measures[name]();
  const { user, system } = process.cpuUsage(used);
  const seconds = [(performance.now() - start) / 1000, (user + system) / 1e6].map(value => value.toFixed(1));
  console.log(
    `${name.padEnd(12)} ${seconds[0].padStart(7)} s, ${seconds[1].padStart(7)} s of processors, ${(resident() - before).toFixed(0)} MB more at most`,
  );
}
