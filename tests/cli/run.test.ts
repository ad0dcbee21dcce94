import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { countingStage } from '../rig/counting-stage.ts';
import { makeProject, runPipe, startPipe, type Project } from '../rig/pipe.ts';

const twice = `name: twice
stages:
  - use: ./stages/count.ts
    id: first
  - use: ./stages/count.ts
    id: second
    params: { to: 5 }
`;

const project = (pipeline = twice) =>
  makeProject({ 'twice.yaml': pipeline, 'stages/count.ts': countingStage });

const record = (place: Project, id = 'exp-1') =>
  place.readJson<ExperimentRecord>(`experiments/${id}/experiment.json`);

const statuses = ({ stages }: ExperimentRecord) => stages.map(({ status }) => status);

describe('pipe run', () => {
  test('runs the stages in order and records them; scripts get the id', async () => {
    const place = await project();
    const { exitCode, stdout, stderr } = await runPipe(['run', 'twice.yaml', '--set', 'first.to=2'], {
      cwd: place.dir,
    });
    expect(stdout).toBe('exp-1\n');
    expect(stderr.replaceAll(/\d+\.\d s/g, '… s')).toBe(`exp-1 · twice
first: started
first: warning: at 1
first: counted to 2 (… s)
second: started
second: warning: at 1
second: counted to 5 (… s)
exp-1 finished in … s
  experiments/exp-1
  experiments/exp-1/metrics.svg
  experiments/exp-1/artifacts/first/number.txt
  experiments/exp-1/artifacts/second/number.txt
  → pipe show exp-1
`);
    expect(exitCode).toBe(0);
    const recorded = await record(place);
    expect(recorded).toMatchObject({
      status: 'finished',
      parameters: { 'first.to': 2, 'second.to': 5 },
      metrics: { number: { stage: 'first', last: 2 } },
      command: ['pipe', 'run', 'twice.yaml', '--set', 'first.to=2'],
    });
    expect(await place.read('experiments/exp-1/stages/first/log.txt')).toBe('counting\nwarning: at 1\n');
  });

  test('keeps experiments where it is told to', async () => {
    const place = await project();
    await runPipe(['run', 'twice.yaml', '--experiments', 'here'], { cwd: place.dir });
    await runPipe(['run', 'twice.yaml'], { cwd: place.dir, env: { PIPE_EXPERIMENTS: 'there' } });
    expect(await place.exists('here/exp-1/experiment.json')).toBe(true);
    expect(await place.exists('there/exp-1/experiment.json')).toBe(true);
    expect(await place.exists('experiments')).toBe(false);
  });

  test('--dry-run says what would be done, and does nothing', async () => {
    const place = await project();
    const { exitCode, stdout } = await runPipe(['run', 'twice.yaml', '--to', 'first', '--dry-run'], {
      cwd: place.dir,
    });
    expect(stdout).toBe(`pipeline twice, seed 1, from twice.yaml
  first   ./stages/count.ts  will run, nothing like it has run before
  second  ./stages/count.ts  skipped, comes after --to first           before ← first.counted
`);
    expect(exitCode).toBe(0);
    expect(await place.exists('experiments')).toBe(false);
  });

  test('--to leaves out what comes after, --from takes what comes before from an experiment', async () => {
    const place = await project();
    await runPipe(['run', 'twice.yaml', '--to', 'first'], { cwd: place.dir });
    expect(statuses(await record(place))).toEqual(['ran', 'skipped']);
    const { stderr } = await runPipe(['run', 'twice.yaml', '--from', 'second'], { cwd: place.dir });
    expect(stderr).toContain('first: reused: same as exp-1\nsecond: started\n');
    expect(statuses(await record(place, 'exp-2'))).toEqual(['reused', 'ran']);
  });
});

describe('a mistake costs no experiment', () => {
  test.each([
    ['an unknown parameter', ['twice.yaml', '--set', 'first.too=3'], 'did you mean "to"?'],
    ['a missing file', ['missing.yaml'], 'missing.yaml'],
    ['an unknown stage in --from', ['twice.yaml', '--from', 'frist'], 'did you mean "first"?'],
    ['--from without an earlier experiment', ['twice.yaml', '--from', 'second'], 'run it without --from'],
    ['an unknown option', ['twice.yaml', '--form', 'first'], '--form'],
    ['no file', [], 'pipeline'],
  ])('%s', async (_, args, message) => {
    const place = await project();
    const { exitCode, stdout, stderr } = await runPipe(['run', ...args], { cwd: place.dir });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
    expect(await place.exists('experiments')).toBe(false);
  });
});

test('a bug in a user’s stage: the message on the terminal, the stack with their file in the log, exit code 1', async () => {
  const place = await makeProject({
    'broken.yaml': 'name: broken\nstages:\n  - use: ./broken.ts\n',
    'broken.ts': `import { defineStage, Type } from 'pipe';

const broken = (word: string) => (word as unknown as () => void)();

export default defineStage({
  name: 'broken',
  version: 1,
  summary: 'Breaks.',
  params: Type.Object({}),
  inputs: {},
  outputs: {},
  run: async () => broken('word'),
});
`,
  });
  const { exitCode, stdout, stderr } = await runPipe(['run', 'broken.yaml'], { cwd: place.dir });
  expect(stderr).toContain(
    'error: unexpected error in stage "broken": word is not a function, stack in experiments/exp-1/stages/broken/log.txt\n',
  );
  expect(stderr).not.toContain('    at ');
  expect(stdout).toBe('exp-1\n');
  expect(exitCode).toBe(1);
  expect(await place.read('experiments/exp-1/stages/broken/log.txt')).toContain(
    `at broken (${place.path('broken.ts')}:3:`,
  );
});

test('an error that a user’s stage left to nobody fails the stage, though it never ends', async () => {
  const place = await makeProject({
    'stray.yaml': 'name: stray\nstages:\n  - use: ./stray.ts\n',
    'stray.ts': `import { defineStage, Type } from 'pipe';

export default defineStage({
  name: 'stray',
  version: 1,
  summary: 'Forgets a promise.',
  params: Type.Object({}),
  inputs: {},
  outputs: {},
  run: () => {
    void Promise.reject(new Error('forgotten'));
    setInterval(() => {}, 1000);
    return new Promise(() => {});
  },
});
`,
  });
  const { exitCode, stderr } = await runPipe(['run', 'stray.yaml'], { cwd: place.dir });
  expect(stderr).toContain('error: unexpected error in stage "stray": forgotten, stack in ');
  expect(exitCode).toBe(1);
  expect(await record(place)).toMatchObject({ status: 'failed', stages: [{ status: 'failed' }] });
});

const endless = twice.replace('id: first', 'id: first\n    params: { to: 0 }');

test('an experiment whose folder is removed while it runs stays away: the path and what to do, exit code 1', async () => {
  const place = await project(endless);
  const pipe = startPipe(['run', 'twice.yaml'], { cwd: place.dir });
  await pipe.stderrUntil(/at 1/);
  await rm(place.path('experiments/exp-1'), { recursive: true });
  const { exitCode, stderr } = await pipe.finished;
  expect(stderr).toMatch(
    /^error: the folder \S+\/experiments\/exp-1\S* is gone: it was removed or renamed while/m,
  );
  expect(stderr).toMatch(
    /\n {2}→ Run the pipeline again; leave the folder of a running experiment in place\.\n$/,
  );
  expect(stderr).not.toContain('    at ');
  expect(exitCode).toBe(1);
  expect(await place.exists('experiments/exp-1')).toBe(false);
  expect((await runPipe(['list'], { cwd: place.dir })).exitCode).toBe(0);
});

describe('stopping', () => {
  const deaf = twice.replace('id: first', 'id: first\n    params: { to: 0, deaf: true }');

  test.each(['SIGINT', 'SIGTERM'] as const)('%s once: the stage saves, exit code 130', async signal => {
    const place = await project(endless);
    const { exitCode, stderr } = await runPipe(['run', 'twice.yaml'], {
      cwd: place.dir,
      signalAfter: text => text.includes('at 1'),
      signal,
    });
    expect(stderr).toContain('finishing the iteration, saving… press Ctrl-C again to stop at once\n');
    expect(stderr).toContain('first: interrupted: saved');
    expect(stderr).toContain('second: skipped: interrupted\n');
    expect(stderr).toContain('exp-1 was interrupted after ');
    expect(exitCode).toBe(130);
    const recorded = await record(place);
    expect(recorded).toMatchObject({ status: 'interrupted', failure: null });
    expect(statuses(recorded)).toEqual(['interrupted', 'skipped']);
    expect(await place.read('experiments/exp-1/stages/first/output/number.txt')).toBe('saved');
  });

  test('Ctrl-C twice: at once, though the stage takes no notice', async () => {
    const place = await project(deaf);
    const pipe = startPipe(['run', 'twice.yaml'], {
      cwd: place.dir,
      env: { npm_lifecycle_event: undefined },
    });
    await pipe.stderrUntil(/at 1/);
    pipe.kill('SIGINT');
    await pipe.stderrUntil(/press Ctrl-C again/);
    pipe.kill('SIGINT');
    const { exitCode, stderr } = await pipe.finished;
    expect(stderr).toContain('exp-1 was interrupted after ');
    expect(exitCode).toBe(130);
    const recorded = await record(place);
    expect(recorded.status).toBe('interrupted');
    expect(recorded.stages[0]?.status).toBe('interrupted');
  });
});
