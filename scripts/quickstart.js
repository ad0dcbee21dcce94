/**
 * `npm run quickstart`: sets everything up, trains the small conditional GAN of pipelines/quickstart.yaml and says where its
 * pictures are. Arguments go to `pipe run`: `npm run quickstart -- --set train.epochs=1`.
 */
import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pipe, root, run, say } from './steps.js';

/** Runs one step and answers its stdout where that is captured; ends here, with advice, when it fails. */
async function step(title, command, { advice, capture = false } = {}) {
  say(`\n── ${title}`);
  const { exitCode, stdout } = await run(command, { capture });
  if (exitCode === 0) return stdout;
  if (advice) say(advice);
  process.exit(exitCode);
}

/** The pictures of an experiment, as paths from the working folder. */
async function pictures(id) {
  const artifacts = join(resolve(root, process.env.PIPE_EXPERIMENTS || 'experiments'), id, 'artifacts');
  const names = await readdir(artifacts, { recursive: true });
  return names
    .filter(name => /\.(png|gif)$/.test(name))
    .sort()
    .map(name => relative(process.cwd(), join(artifacts, name)));
}

await step('1 of 3: build', [process.execPath, join(root, 'scripts', 'build.js')]);
await step('2 of 3: set up TensorFlow', [...pipe, 'setup'], {
  advice: [
    'To see what is missing: node bin/pipe.js doctor',
    'To go on without it, 50 to 100 times slower: node bin/pipe.js run pipelines/quickstart.yaml',
  ].join('\n'),
});
const title = '3 of 3: train, draw and record: pipe run pipelines/quickstart.yaml';
const pipeline = join('pipelines', 'quickstart.yaml');
const printed = await step(title, [...pipe, 'run', pipeline, ...process.argv.slice(2)], { capture: true });

// To a script, pipe run says the experiment's id alone; with --dry-run there is none.
const id = printed.trim();
if (/^exp-\d+$/.test(id)) {
  say(`\n── done: the pictures of ${id}`);
  for (const path of await pictures(id)) say(path);
} else {
  say(printed);
}
