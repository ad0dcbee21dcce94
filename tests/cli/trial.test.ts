import { expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { countingStage } from '../rig/counting-stage.ts';
import { makeProject, runPipe } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

const project = (to = 3) =>
  makeProject({
    'count.yaml': `name: counting\nstages:\n  - { use: ./count.ts, params: { to: ${to} } }\n`,
    'count.ts': countingStage,
  });

test('an experiment records the trial of a sweep that it is, and keeps it when it resumes', async () => {
  const place = await project(0);
  const { dir: cwd } = place;
  const sweep = { id: 'sweep-1', point: 3, repeat: 2 };
  const stopped = await runPipe(['run', 'count.yaml', '--trial', 'sweep-1/3/2'], {
    cwd,
    signalAfter: stderr => stderr.includes('at 1'),
  });
  expect(stopped.exitCode, stopped.stderr).toBe(130);
  const record = () => place.readJson<ExperimentRecord>('experiments/exp-1/experiment.json');
  expect(await record()).toMatchObject({ status: 'interrupted', sweep });
  await runPipe(['resume', 'exp-1'], { cwd, signalAfter: stderr => stderr.includes('at 1') });
  expect(await record()).toMatchObject({ sweep, resumes: [{}] });
  const shown = await runMain(['show', 'exp-1'], cwd);
  expect(shown.stdout).toMatch(/^ {2}trial +sweep-1, point 3, repeat 2$/m);
});

test('a trial has the fingerprints of the same run outside of a sweep', async () => {
  const place = await project();
  const trial = await runPipe(['run', 'count.yaml', '--trial', 'sweep-12/1/1'], { cwd: place.dir });
  expect(trial.exitCode, trial.stderr).toBe(0);
  const { stdout, stderr } = await runPipe(['run', 'count.yaml'], { cwd: place.dir });
  expect(stderr).toContain('nothing changed: equals exp-1');
  expect(stdout).toBe('exp-1\n');
});

test.each([
  'sweep-1',
  'sweep-0/1/1',
  'sweep-1/0/1',
  'sweep-1/1/1/1',
  'exp-1/1/1',
  `sweep-1/${'9'.repeat(20)}/1`,
])('--trial %s is refused before anything runs', async text => {
  const place = await project();
  const { exitCode, stderr } = await runMain(['run', 'count.yaml', '--trial', text], place.dir);
  expect(stderr).toBe(
    `command line: error: cannot read --trial ${text}\n    --trial ${text}\n            ${'^'.repeat(text.length)}\n` +
      '  expected <sweep>/<point>/<repeat>, both numbers from 1 on\n  → for example: --trial sweep-1/3/2\n',
  );
  expect(exitCode).toBe(2);
  expect(await place.exists('experiments')).toBe(false);
});

test('the option is for sweeps alone: it is in no help and no completion', async () => {
  const { dir } = await project();
  expect((await runMain(['run', '--help'], dir)).stdout).not.toContain('--trial');
  expect((await runMain(['complete', '--line', 'pipe run --'], dir)).stdout).not.toContain('--trial');
});
