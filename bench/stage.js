/**
 * What the train stage costs over the bare compiled step, and the memory of a whole run: 60,000 drawn images, the cGAN at batch 32,
 * metrics at every iteration, pictures and checkpoints every 100. The two run one after the other, in rounds.
 *
 *     npm run bench:stage [-- --iterations 300 --rounds 3]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';

const bench = fileURLToPath(new URL('./', import.meta.url));
const { values } = parseArgs({
  options: {
    iterations: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
    images: { type: 'string', default: '60000' },
  },
});
const iterations = Number(values.iterations);
const folder = mkdtempSync(join(tmpdir(), 'pipe-bench-'));
writeFileSync(
  join(folder, 'bench.yaml'),
  `name: bench
stages:
  - use: load-cifar
    params: { source: synthetic, count: ${values.images} }
  - use: normalize
  - use: build-model
    params: { model: cgan }
  - use: train
    params: { iterations: ${iterations} }
`,
);

try {
  console.log(`cGAN, batch 32, ${values.images} images, ${iterations} iterations, ${values.rounds} rounds`);
  const overheads = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    const step = await bareStep();
    const stage = await wholeStage();
    overheads.push(stage.ms / step.ms - 1);
    console.log(
      `round ${round}: bare step ${step.ms.toFixed(1)} ms, stage ${stage.ms.toFixed(1)} ms per iteration ` +
        `(${percent(stage.ms / step.ms - 1)}), peak ${stage.peakMb} MB, ` +
        `half way ${stage.halfMb} MB, at the end ${stage.endMb} MB`,
    );
  }
  overheads.sort((a, b) => a - b);
  console.log(`median overhead ${percent(overheads[Math.floor(overheads.length / 2)])}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function percent(share) {
  return `${(100 * share).toFixed(1)}%`;
}

/** Mean milliseconds of the step alone. */
async function bareStep() {
  const args = [join(bench, 'pipe-step.js'), '--iterations', String(iterations)];
  const { stdout } = await execa(process.execPath, args);
  const { ms } = JSON.parse(stdout);
  return { ms: ms.reduce((total, each) => total + each, 0) / ms.length };
}

/** Mean milliseconds per iteration of the whole stage, from its own points; and the memory of the process. */
async function wholeStage() {
  const pipe = join(bench, '..', 'bin', 'pipe.js');
  const child = spawn(process.execPath, [pipe, 'run', 'bench.yaml', '--force'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let id = '';
  child.stdout.on('data', chunk => (id += chunk));
  const samples = [];
  const timer = setInterval(() => samples.push(memory(child.pid)), 250);
  const code = await new Promise(resolve => child.on('exit', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`pipe run ended with ${code}`);
  const points = readFileSync(join(folder, 'experiments', id.trim(), 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(({ step }) => step >= 5);
  const time = point => Date.parse(point.time);
  const seen = samples.filter(sample => sample !== undefined);
  const at = share => Math.round(seen[Math.floor(share * (seen.length - 1))].rss / 1024);
  return {
    ms: (time(points.at(-1)) - time(points[0])) / (points.length - 1),
    peakMb: Math.round(Math.max(...seen.map(sample => sample.peak)) / 1024),
    halfMb: at(0.5),
    endMb: at(0.95),
  };
}

/** Resident memory now and at its peak, in KiB; undefined once the process is gone, or has ended and only its name is left. */
function memory(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const value = name => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
    const found = { rss: value('VmRSS'), peak: value('VmHWM') };
    return Number.isNaN(found.peak) ? undefined : found;
  } catch {
    return undefined;
  }
}
