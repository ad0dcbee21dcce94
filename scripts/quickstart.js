/**
 * `npm run quickstart`: sets everything up, trains the small conditional GAN of pipelines/quickstart.yaml and prints where its
 * pictures are. Arguments are passed to `pipe run`: `npm run quickstart -- --set train.epochs=1`.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pipe, root, run, say } from './steps.js';

/** Runs one step; returns what it captured. Exits with advice when it fails. */
async function step(title, command, { advice, capture } = {}) {
  say(`\n── ${title}`);
  const { exitCode, captured } = await run(command, { capture });
  if (exitCode === 0) return captured;
  if (advice) say(advice);
  process.exit(exitCode);
}

const isPicture = name => /\.(png|gif)$/.test(name);

/** The pictures of an experiment as lines: single ones, and folders with their counts. */
async function pictures(id) {
  const artifacts = join(resolve(root, process.env.PIPE_EXPERIMENTS || 'experiments'), id, 'artifacts');
  const shown = new Map();
  for (const path of (await readdir(artifacts, { recursive: true })).filter(isPicture)) {
    const [stage, name, ...deeper] = path.split(sep);
    const place = relative(process.cwd(), join(artifacts, stage, name));
    shown.set(place, (shown.get(place) ?? 0) + (deeper.length > 0 ? 1 : 0));
  }
  const lines = [...shown]
    .sort()
    .map(([place, count]) => (count === 0 ? place : `${place}${sep}  (${count} pictures)`));
  const curves = join(artifacts, '..', 'metrics.svg');
  return existsSync(curves) ? [...lines, relative(process.cwd(), curves)] : lines;
}

await step('1 of 3: build', [process.execPath, join(root, 'scripts', 'build.js')]);
await step('2 of 3: set up TensorFlow', [...pipe, 'setup'], {
  advice: [
    'To see what is missing: node bin/pipe.js doctor',
    'Without it training is hundreds of times slower, enough to look around: ' +
      'node bin/pipe.js run pipelines/quickstart.yaml --set train.iterations=3 --set train.batchSize=8',
  ].join('\n'),
});
const title = '3 of 3: train, draw and record: pipe run pipelines/quickstart.yaml';
const pipeline = join('pipelines', 'quickstart.yaml');
const printed = await step(title, [...pipe, 'run', pipeline, ...process.argv.slice(2)], {
  capture: ['stdout'],
});

// For scripts, pipe run prints only the experiment's id; with --dry-run there is none.
const id = printed.trim();
if (/^exp-\d+$/.test(id)) {
  say(`\n── done: the pictures of ${id}`);
  for (const path of await pictures(id)) say(path);
} else {
  say(printed);
}
