import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { contents } from '../rig/contents.ts';
import { killing, makeProject, runPipe, type Project } from '../rig/pipe.ts';
import { seedWords, testSeed } from '../rig/seed.ts';

const pipeline = `name: kinds
seed: 3
stages:
  - { id: data, use: load-cifar, params: { source: synthetic, count: 80 } }
  - use: normalize
  - { use: split-dataset, params: { validation: 20, test: 20 } }
  - use: fit
    params:
      network:
        layers:
          - { use: flatten }
          - { use: dense, units: 8, activation: relu }
          - { use: dropout, rate: 0.2 }
          - { use: dense, units: classes }
      epochs: 12
      batchSize: 8
      learningRate: 0.02
      monitor: val_loss
      earlyStopping: { patience: 2 }
      augment: [flip]
      mixup: 0.4
      checkpoint: { every: 4 }
`;

/** Bytes of all that the stage left, points but for their speed, and its closing words. */
async function outcomeOf(place: Project) {
  const experiment = 'experiments/exp-1';
  const points = readFileSync(place.path(experiment, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { step: number; values: Record<string, number> })
    .map(({ step, values: { examples_per_second: _, ...values } }) => ({ step, values }));
  const record = JSON.parse(readFileSync(place.path(experiment, 'experiment.json'), 'utf8')) as {
    stages: { id: string; report: string | null }[];
  };
  return {
    files: await contents(place.path(experiment, 'stages/fit/output')),
    points,
    report: record.stages.find(({ id }) => id === 'fit')?.report,
  };
}

test(`a classifier whose training is killed at any moments ends as if it had not been (${seedWords})`, async () => {
  const whole = await makeProject({ 'p.yaml': pipeline });
  const env = killing({ KILL_COUNT: whole.path('count') });
  const { exitCode, stderr } = await runPipe(['run', 'p.yaml'], { cwd: whole.dir, env });
  expect(exitCode, stderr).toBe(0);
  const expected = await outcomeOf(whole);
  expect(expected.report).toContain('stopped early: val_loss did not improve for 2 validations');
  const operations = Number(await whole.read('count'));

  const place = await makeProject({ 'p.yaml': pipeline });
  const random = new Random(testSeed);
  let args = ['run', 'p.yaml'];
  // The first half is mostly the data; what is left to do from then on gets less with each kill.
  for (const [low, high] of [
    [0.5, 0.75],
    [0.05, 0.2],
    [0.05, 0.15],
  ] as const) {
    const killAt = random.integer(Math.ceil(low * operations), Math.floor(high * operations));
    const killed = await runPipe(args, { cwd: place.dir, env: killing({ KILL_AT: String(killAt) }) });
    expect(killed.exitCode, killed.stderr).toBe(137);
    args = ['resume', 'exp-1'];
  }
  const resumed = await runPipe(args, { cwd: place.dir });
  expect(resumed.exitCode, resumed.stderr).toBe(0);
  expect(await outcomeOf(place)).toEqual(expected);
  // It is kept for other runs: nothing of it is missing.
  const again = await runPipe(['run', 'p.yaml'], { cwd: place.dir });
  expect(again.stderr).toContain('nothing changed: equals exp-1');
});
