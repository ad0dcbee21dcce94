import { expect, test } from 'vitest';
import { pointsIn } from './chain-stage.ts';
import { runPipe, startPipe, type Project } from './pipe.ts';
import { sweepProject } from './sweep-project.ts';

const set = (...settings: readonly string[]) =>
  settings.flatMap(setting => ['--set', `objective.${setting}`]);

async function ends(place: Project, exitCode: number, args: readonly string[]): Promise<string> {
  const ended = await runPipe(args, { cwd: place.dir });
  expect(ended.exitCode, ended.stderr).toBe(exitCode);
  return ended.stderr;
}

const points = async (place: Project, id: string) =>
  pointsIn(await place.read(`experiments/${id}/metrics.jsonl`)).map(({ step, values: { objective } }) => ({
    step,
    objective,
  }));

test('the objective of sweeps follows from its parameters and the seed, and pauses', async () => {
  const place = await sweepProject();
  await ends(place, 0, ['run', 'pipeline.yaml', ...set('x=1', 'y=-2')]);
  await ends(place, 130, ['run', 'pipeline.yaml', ...set('x=2', 'y=-2'), '--pause-at', 'objective:3']);
  await ends(place, 0, ['resume', 'exp-2']);
  await ends(place, 0, ['run', 'pipeline.yaml', ...set('x=2', 'y=-2'), '--force']);
  const [best, paused, whole] = await Promise.all(['exp-1', 'exp-2', 'exp-3'].map(id => points(place, id)));
  expect(paused).toEqual(whole);
  expect(paused).toHaveLength(9);
  expect(best?.at(-1)?.objective).toBeCloseTo(1 / 9, 1);
  expect(paused?.at(-1)?.objective).toBeCloseTo(1 + 2 / 9, 1);
  expect(await place.read('runs.log')).toBe('ready\nready\n');
});

test('it has the faults that a trial may have', async () => {
  const place = await sweepProject();
  const refused = await ends(place, 2, ['run', 'pipeline.yaml', ...set('x=13')]);
  expect(refused).toContain('x is 13');
  const failed = await ends(place, 1, ['run', 'pipeline.yaml', ...set('fault=failure')]);
  expect(failed).toContain('told to fail at step 2');
  await ends(place, 0, ['run', 'pipeline.yaml', ...set('fault=failure', 'faultX=5')]);
  await ends(place, 0, ['run', 'pipeline.yaml', ...set('fault=nan')]);
  expect((await points(place, 'exp-3'))[1]).toEqual({ step: 2, objective: 'NaN' });
  await ends(place, 137, ['run', 'pipeline.yaml', ...set('fault=crash')]);
  await ends(place, 137, ['resume', 'exp-4']);
  await ends(place, 137, ['run', 'pipeline.yaml', ...set('fault=crash-once')]);
  await ends(place, 0, ['resume', 'exp-5']);
  expect(await points(place, 'exp-5')).toEqual(await points(place, 'exp-2'));
});

test('it hangs until a file appears, or it is stopped', async () => {
  const place = await sweepProject();
  const args = ['run', 'pipeline.yaml', ...set('fault=hang')];
  await runPipe(args, { cwd: place.dir, signalAfter: stderr => stderr.includes('waits for release') });
  const pipe = startPipe(['resume', 'exp-1'], { cwd: place.dir });
  await pipe.stderrUntil(/waits for release/);
  expect(await place.exists('release.waiting/0')).toBe(true);
  await place.write('release', '');
  const { exitCode, stderr } = await pipe.finished;
  expect(exitCode, stderr).toBe(0);
  expect(await place.exists('release.waiting/0')).toBe(false);
});
