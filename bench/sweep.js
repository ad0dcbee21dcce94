/**
 * What a sweep's trials cost beside bare runs: the same experiments, which take milliseconds, by `pipe sweep` and one by one by
 * `pipe run`, in turns. Prints seconds a trial of each round, and their medians' difference.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { trials: { type: 'string', default: '60' }, rounds: { type: 'string', default: '3' } },
});
const trials = Number(values.trials);
const pipe = fileURLToPath(new URL('../bin/pipe.js', import.meta.url));
const fixtures = fileURLToPath(new URL('../tests/fixtures/sweep', import.meta.url));
const points = Array.from({ length: trials }, (_, index) => index / 10);

/** Seconds that `work` takes in a new project, by trial. */
function secondsOf(work) {
  const dir = mkdtempSync(join(tmpdir(), 'pipe-bench-sweep-'));
  try {
    cpSync(fixtures, dir, { recursive: true });
    const run = (...args) => execFileSync(process.execPath, [pipe, ...args], { cwd: dir, stdio: 'ignore' });
    const began = performance.now();
    work(run, dir);
    return (performance.now() - began) / 1000 / trials;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const bare = () =>
  secondsOf(run => {
    for (const x of points) run('run', 'pipeline.yaml', '--set', `objective.x=${x}`);
  });

const swept = () =>
  secondsOf((run, dir) => {
    const sweep = `pipeline: pipeline.yaml\nvary: { objective.x: [${points.join(', ')}] }\nobjective: objective.objective\n`;
    writeFileSync(join(dir, 's.yaml'), sweep);
    run('sweep', 's.yaml');
  });

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const rounds = Array.from({ length: Number(values.rounds) }, (_, index) => {
  const round = { bare: bare(), swept: swept() };
  console.log(
    `round ${index + 1}: ${round.bare.toFixed(3)} s a bare run, ${round.swept.toFixed(3)} s a trial of the sweep`,
  );
  return round;
});
const [run, trial] = ['bare', 'swept'].map(name => median(rounds.map(round => round[name])));
console.log(`medians: a trial of ${trials} costs ${(trial - run).toFixed(3)} s more than a bare run`);
