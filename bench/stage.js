/**
 * What the train stage costs over the bare compiled step, and the memory of a whole run: 60,000 drawn images, a model as its
 * pipeline trains it at batch 32, metrics at every iteration, pictures and checkpoints every 100. The two run one after the other,
 * in rounds. With --memory the whole run alone, once: is its memory the same at the end as at the beginning? A classifier trains at
 * batch 128 and is validated on a part of the images every epoch; of it there is only the memory.
 *
 *     npm run bench:stage [-- --model cgan --iterations 300 --rounds 3]
 *     npm run bench:stage -- --memory --model cgan --iterations 2000
 *     npm run bench:stage -- --memory --model resnet --iterations 2000
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { isClassifier } from './model.js';
import { memoryOf } from './process-memory.js';

const bench = fileURLToPath(new URL('./', import.meta.url));
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'cgan' },
    iterations: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
    images: { type: 'string', default: '60000' },
    memory: { type: 'boolean', default: false },
  },
});
const iterations = Number(values.iterations);
const folder = mkdtempSync(join(tmpdir(), 'pipe-bench-'));
/** How the two kinds of models are trained: the pipeline, the stages that differ from it, the one that trains. */
const gan = {
  pipeline: values.model,
  stages: `
  - id: load-cifar
    params: { source: synthetic, count: ${values.images} }
  - id: train
    params: { iterations: ${iterations}, batchSize: 32, sample: { every: 100 } }
`,
  trains: 'train',
  batch: 32,
};
const classifier = {
  pipeline: 'classifier',
  stages: `
  - id: data
    params: { source: synthetic, count: ${values.images} }
  - id: test
    params: { source: synthetic, count: 10000 }
  - id: fit
    params: { network: ${values.model}, iterations: ${iterations}, schedule: { warmUp: ${Math.ceil(iterations / 10)} } }
`,
  trains: 'fit',
  batch: 128,
};
const training = isClassifier(values.model) ? classifier : gan;
writeFileSync(
  join(folder, 'bench.yaml'),
  `extends: ${join(bench, '..', 'pipelines', `${training.pipeline}.yaml`)}\nname: bench\nstages:${training.stages}`,
);

try {
  console.log(`${values.model}, batch ${training.batch}, ${values.images} images, ${iterations} iterations`);
  if (values.memory) console.log(memoryText(await wholeStage()));
  else if (training === classifier)
    throw new Error('of a classifier there is only the memory: give --memory');
  else await compareInRounds();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compareInRounds() {
  const overheads = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    const step = await bareStep();
    const stage = await wholeStage();
    overheads.push(stage.ms / step.ms - 1);
    console.log(
      `round ${round}: bare step ${step.ms.toFixed(1)} ms, stage ${stage.ms.toFixed(1)} ms per iteration ` +
        `(${percent(stage.ms / step.ms - 1)}), ${memoryText(stage)}`,
    );
  }
  overheads.sort((a, b) => a - b);
  console.log(`median overhead ${percent(overheads[Math.floor(overheads.length / 2)])}`);
}

function memoryText({ peakMb, atMb }) {
  const times = Object.entries(atMb).map(([share, mb]) => `${mb} MB at ${share}`);
  return `memory of all processes: peak ${peakMb} MB, ${times.join(', ')}`;
}

function percent(share) {
  return `${(100 * share).toFixed(1)}%`;
}

/** Mean milliseconds of the step alone. */
async function bareStep() {
  const args = [join(bench, 'pipe-step.js'), '--model', values.model, '--iterations', String(iterations)];
  const { stdout } = await execa(process.execPath, args);
  const { ms } = JSON.parse(stdout);
  return { ms: ms.reduce((total, each) => total + each, 0) / ms.length };
}

/** Mean milliseconds per iteration of the whole stage, from its own points; and the memory of the command with its processes. */
async function wholeStage() {
  const pipe = join(bench, '..', 'bin', 'pipe.js');
  const child = spawn(process.execPath, [pipe, 'run', 'bench.yaml', '--force', '--to', training.trains], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let id = '';
  child.stdout.on('data', chunk => (id += chunk));
  const samples = [];
  const timer = setInterval(() => samples.push(memoryOf(child.pid)), 250);
  const code = await new Promise(resolve => child.on('exit', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`pipe run ended with ${code}`);
  const points = readFileSync(join(folder, 'experiments', id.trim(), 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(({ step }) => step >= 5);
  const time = point => Date.parse(point.time);
  // Memory while it trained, by the share of that time; the peak counts loading as well.
  const whileTraining = samples.filter(({ at }) => at >= time(points[0]) && at <= time(points.at(-1)));
  const at = share => Math.round(whileTraining[Math.floor(share * (whileTraining.length - 1))].mb);
  return {
    ms: (time(points.at(-1)) - time(points[0])) / (points.length - 1),
    peakMb: Math.round(Math.max(...samples.map(({ mb }) => mb))),
    atMb: Object.fromEntries([5, 25, 50, 75, 100].map(share => [`${share}%`, at(share / 100)])),
  };
}
