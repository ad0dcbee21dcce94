import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { countingStage } from '../rig/counting-stage.ts';
import { makeProject, runPipe } from '../rig/pipe.ts';

const pipeline = `name: tiny
stages:
  - use: ./count.ts
    id: first
  - use: ./count.ts
    id: second
`;

test('pipe status says what would run and why; a run in which nothing changed is no new experiment', async () => {
  const place = await makeProject({ 'tiny.yaml': pipeline, 'count.ts': countingStage });
  const pipe = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await runPipe(args, { cwd: place.dir });
    expect(exitCode, stderr).toBe(0);
    return { stdout, stderr };
  };
  const never = 'will run, nothing like it has run before';
  expect((await pipe('status', 'tiny.yaml')).stdout).toBe(`first: ${never}\nsecond: ${never}\n`);
  expect(await place.exists('experiments')).toBe(false);

  await pipe('run', 'tiny.yaml');
  expect(await pipe('run', 'tiny.yaml')).toEqual({
    stdout: 'exp-1\n',
    stderr: 'nothing changed: equals exp-1; --force runs it anyway\n',
  });
  expect((await pipe('status', 'tiny.yaml')).stdout).toBe(
    'first: reused from exp-1\nsecond: reused from exp-1\nnothing changed: equals exp-1\n',
  );
  expect((await pipe('status', 'tiny.yaml', '--set', 'first.to=4')).stdout).toBe(
    'first: will run, first.to 3 → 4\nsecond: will run, its input from first changes\n',
  );
  expect((await pipe('run', 'tiny.yaml', '--force-stage', 'second')).stderr).toContain(
    'first: reused: same as exp-1\nsecond: started\n',
  );
  expect((await pipe('run', 'tiny.yaml', '--force')).stdout).toBe('exp-3\n');
});

test('as JSON: what would be done, and what became of it', async () => {
  const place = await makeProject({ 'tiny.yaml': pipeline, 'count.ts': countingStage });
  const pipe = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await runPipe([...args, '--json'], { cwd: place.dir });
    expect(exitCode, stderr).toBe(0);
    return JSON.parse(stdout) as object;
  };
  const about = { pipeline: { name: 'tiny', seed: 1, file: 'tiny.yaml' }, equals: null, warnings: [] };
  const run = { action: 'run', from: null, reason: 'nothing like it has run before' };
  const planned = {
    ...about,
    stages: ['first', 'second'].map(id => ({
      id,
      use: './count.ts',
      ...run,
      inputs: expect.anything() as unknown,
    })),
  };
  expect(await pipe('status', 'tiny.yaml')).toEqual(planned);
  expect(await pipe('run', 'tiny.yaml', '--dry-run')).toEqual(planned);
  expect(await place.exists('experiments/exp-1')).toBe(false);

  const ran = await pipe('run', 'tiny.yaml');
  expect(ran).toMatchObject({ id: 'exp-1', status: 'finished', unchanged: false, tags: [] });
  expect(ran).toMatchObject(await pipe('show', 'exp-1'));
  expect(await pipe('run', 'tiny.yaml')).toEqual({ ...ran, unchanged: true });
  expect(await pipe('status', 'tiny.yaml', '--set', 'second.to=4')).toMatchObject({
    equals: null,
    stages: [
      { id: 'first', action: 'reuse', from: 'exp-1', reason: null },
      { id: 'second', action: 'run', from: null, reason: 'second.to 3 → 4' },
    ],
  });
  expect(await pipe('status', 'tiny.yaml')).toMatchObject({ equals: 'exp-1' });
});

test('two processes that need the same stage at once: both end well, a third reuses it', async () => {
  const place = await makeProject({ 'tiny.yaml': pipeline, 'count.ts': countingStage });
  const both = await Promise.all(
    ['--force', '--force'].map(force => runPipe(['run', 'tiny.yaml', force], { cwd: place.dir })),
  );
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(both.map(({ stdout }) => stdout).sort()).toEqual(['exp-1\n', 'exp-2\n']);
  const { stderr } = await runPipe(['run', 'tiny.yaml', '--set', 'second.to=9'], { cwd: place.dir });
  expect(stderr).toMatch(/first: reused: same as exp-[12]\nsecond: started\n/);
  expect(await readdir(place.path('experiments/.staging'))).toEqual([]);
});
