/**
 * `npm run quickstart`: sets everything up, trains the small conditional GAN of pipelines/quickstart.yaml and says where its
 * pictures are. Arguments go to `pipe run`: `npm run quickstart -- --set train.epochs=1`.
 */
import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pipe, root, run, say } from './steps.js';

const experiments = resolve(root, process.env.PIPE_EXPERIMENTS || 'experiments');

/** Runs one step, and ends here when it fails. */
async function step(title, command, advice) {
  say(`\n── ${title}`);
  const exitCode = await run(command);
  if (exitCode === 0) return;
  if (advice) say(advice);
  process.exit(exitCode);
}

/** The numbers of the experiments that are there. */
async function experimentNumbers() {
  const names = await readdir(experiments).catch(() => []);
  return names.map(name => Number(/^exp-(\d+)$/.exec(name)?.[1] ?? 0));
}

async function pictures(dir) {
  const names = await readdir(dir, { recursive: true });
  return names.filter(name => /\.(png|gif)$/.test(name)).map(name => join(dir, name));
}

await step('1 of 3: build', [process.execPath, join(root, 'scripts', 'build.js')]);
await step(
  '2 of 3: set up TensorFlow',
  [...pipe, 'setup'],
  'To see what is missing: node bin/pipe.js doctor\n' +
    'To go on without it, 50 to 100 times slower: node bin/pipe.js run pipelines/quickstart.yaml',
);
await step('3 of 3: train, draw and record: pipe run pipelines/quickstart.yaml', [
  ...pipe,
  'run',
  join('pipelines', 'quickstart.yaml'),
  ...process.argv.slice(2),
]);

const latest = join(experiments, `exp-${Math.max(...(await experimentNumbers()))}`);
say(`\n── the pictures of ${relative(root, latest)}`);
for (const path of await pictures(join(latest, 'artifacts'))) say(relative(process.cwd(), path));
