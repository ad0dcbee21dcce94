import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { Random } from '../../src/core/random.ts';
import { chainOf, chainStage, pointsIn } from '../rig/chain-stage.ts';
import { countingStage } from '../rig/counting-stage.ts';
import { killing, makeProject, runPipe, type Project } from '../rig/pipe.ts';
import { seedWords, testSeed } from '../rig/seed.ts';
import { tinyPipeline } from '../rig/tiny-pipeline.ts';
import { outcomeOf, recordIn } from './outcome.ts';
import { runMain } from './run-main.ts';

const record = (place: Project) => recordIn(place.path('experiments/exp-1'));
const fingerprints = ({ stages }: ExperimentRecord) =>
  stages.map(({ id, fingerprint, code }) => [id, fingerprint, code]);
const cached = (place: Project) =>
  readdirSync(place.path('experiments/.cache')).filter(name => name !== 'digests');

/** Runs a command of a project; expects its exit code. */
async function ends(place: Project, exitCode: number, args: readonly string[], env = {}): Promise<string> {
  const ended = await runPipe(args, { cwd: place.dir, env });
  expect(ended.exitCode, ended.stderr).toBe(exitCode);
  return ended.stderr;
}

/** Kills a pausing run in front of an operation on files. A quick one makes fewer than were counted: it may have paused before. */
async function killIn(place: Project, args: readonly string[], killAt: number): Promise<void> {
  const ended = await runPipe(args, { cwd: place.dir, env: killing({ KILL_AT: String(killAt) }) });
  expect([130, 137], ended.stderr).toContain(ended.exitCode);
}

describe('training that pauses', () => {
  const project = () => makeProject({ 'tiny.yaml': tinyPipeline });
  let whole: Project;

  beforeAll(async () => {
    whole = await project();
    await ends(whole, 0, ['run', 'tiny.yaml']);
  });

  const expectSame = (place: Project) => {
    expect(outcomeOf(place.path('experiments/exp-1'))).toEqual(outcomeOf(whole.path('experiments/exp-1')));
    expect(fingerprints(record(place))).toEqual(fingerprints(record(whole)));
  };

  test('at several rungs ends as if it had not, and only then is in the cache', async () => {
    const place = await project();
    const checkpoints = () =>
      readdirSync(place.path('experiments/exp-1/stages/train/output/checkpoints')).at(-1);
    const first = await ends(place, 130, ['run', 'tiny.yaml', '--pause-at', 'train:7']);
    expect(first).toMatch(/^train: interrupted: paused at iteration 7 of 48 \(/m);
    expect(first).toMatch(/ {2}→ pipe resume exp-1\n$/);
    expect(record(place)).toMatchObject({ status: 'interrupted', failure: null });
    expect(record(place).stages.map(({ status }) => status)).toEqual([
      ...['ran', 'ran', 'ran', 'interrupted', 'skipped'],
    ]);
    expect(checkpoints()).toBe('iteration-000007');
    expect(cached(place)).toHaveLength(3);

    await ends(place, 130, ['resume', 'exp-1', '--pause-at', 'train:20']);
    expect(checkpoints()).toBe('iteration-000020');
    expect((await runMain(['show', 'exp-1'], place.dir)).stdout).toMatch(
      /^ {2}train +interrupted +.* 20\/48 iterations, paused at iteration 20 of 48$/m,
    );

    const passed = await ends(place, 0, ['resume', 'exp-1', '--pause-at', 'train:12']);
    expect(passed).toContain('training goes on after iteration 20 of 48\n');
    expectSame(place);
    expect(record(place).stages[3]).toMatchObject({ status: 'ran', reason: null });
    expect(cached(place)).toHaveLength(5);
    const again = await ends(place, 0, ['run', 'tiny.yaml', '--pause-at', 'train:12']);
    expect(again).toContain('nothing changed: equals exp-1');
  });

  test(`killed around its pause, it pauses there when it resumes, and loses nothing (${seedWords})`, async () => {
    const place = await project();
    const counted = await project();
    const pausing = ['--pause-at', 'train:12'];
    await ends(
      counted,
      130,
      ['run', 'tiny.yaml', ...pausing],
      killing({ KILL_COUNT: counted.path('count') }),
    );
    const operations = Number(await counted.read('count'));
    const random = new Random(testSeed);
    const killAt = operations - random.integer(0, 40);
    await killIn(place, ['run', 'tiny.yaml', ...pausing], killAt);
    await ends(place, 130, ['resume', 'exp-1', ...pausing]);
    expect(record(place).stages[3]).toMatchObject({
      status: 'interrupted',
      reason: 'paused at iteration 12 of 48',
      progress: { done: 12 },
    });
    await ends(place, 0, ['resume', 'exp-1']);
    expectSame(place);
  });
});

describe('a stage of one’s own that declares it', () => {
  const steps = 6;
  const project = () =>
    makeProject({
      'chain.yaml': `name: chain\nstages:\n  - { use: ./chain.ts, params: { steps: ${steps} } }\n`,
      'chain.ts': chainStage,
    });

  test(`pauses, and killed at any moment around that pauses again (${seedWords})`, async () => {
    const counted = await project();
    const pausing = ['--pause-at', 'chain:4'];
    const env = killing({ KILL_COUNT: counted.path('count') });
    const stderr = await ends(counted, 130, ['run', 'chain.yaml', ...pausing], env);
    expect(stderr).toMatch(/^chain: interrupted: paused at step 4 of 6 \(/m);
    const operations = Number(await counted.read('count'));
    const random = new Random(testSeed);
    const { points, state } = chainOf({ chain: '' }, steps);
    for (const [low, high] of [
      [0, 2],
      [3, 10],
      [11, 25],
    ] as const) {
      const place = await project();
      const killAt = operations - random.integer(low, high);
      await killIn(place, ['run', 'chain.yaml', ...pausing], killAt);
      const { status } = record(place);
      if (status !== 'interrupted') await ends(place, 130, ['resume', 'exp-1', ...pausing]);
      expect(record(place).stages[0], `killed at ${killAt}`).toMatchObject({
        reason: 'paused at step 4 of 6',
        progress: { done: 4 },
      });
      await ends(place, 0, ['resume', 'exp-1']);
      expect(await place.read('experiments/exp-1/stages/chain/output/state.json')).toBe(state);
      expect(pointsIn(await place.read('experiments/exp-1/metrics.jsonl'))).toEqual(points);
    }
  });
});

describe('a wrong --pause-at is refused before anything runs', () => {
  const pipeline = `name: three
stages:
  - { use: load-cifar, id: data, params: { source: synthetic, count: 60 } }
  - { use: ./count.ts }
  - { use: ./resumes.ts }
`;
  const resumes = countingStage.replace("name: 'count',", "name: 'resumes', resumable: [],");

  test.each([
    ['train', '^^^^^', 'cannot read --pause-at train\n', '<stage id>:<step>, a step from 1 on'],
    ['data:0', '^^^^^^', 'cannot read --pause-at data:0\n', 'for example: --pause-at train:1500'],
    ['data:9e9', '^^^^^^^^', 'cannot read --pause-at data:9e9\n', 'for example: --pause-at train:1500'],
    ['cuont:3', '^^^^^', '--pause-at names an unknown stage "cuont"\n', 'did you mean "count"?'],
    [
      'count:3',
      '^^^^^',
      'stage "count" cannot pause: it does not resume from what it left\n',
      'resumable: { parameters: […], pausable: true }',
    ],
    [
      'resumes:3',
      '^^^^^^^',
      'stage "resumes" cannot pause: it does not say that it pauses\n',
      'resumable: { parameters: […], pausable: true }',
    ],
  ])('%s', async (text, marked, message, advice) => {
    const place = await makeProject({ 'p.yaml': pipeline, 'count.ts': countingStage, 'resumes.ts': resumes });
    const { exitCode, stderr } = await runMain(['run', 'p.yaml', '--pause-at', text], place.dir);
    expect(stderr).toContain(
      `command line: error: ${message}    --pause-at ${text}\n               ${marked}\n`,
    );
    expect(stderr).toContain(advice);
    expect(exitCode).toBe(2);
    expect(await place.exists('experiments')).toBe(false);
  });

  test('by pipe resume, too, which leaves the experiment alone', async () => {
    const place = await makeProject({ 'p.yaml': pipeline, 'count.ts': countingStage, 'resumes.ts': resumes });
    const { stderr } = await runPipe(['run', 'p.yaml', '--set', 'count.to=0'], {
      cwd: place.dir,
      signalAfter: text => text.includes('at 1'),
    });
    expect(stderr).toContain('pipe resume exp-1');
    const before = await place.read('experiments/exp-1/experiment.json');
    const refused = await runMain(['resume', 'exp-1', '--pause-at', 'count:3'], place.dir);
    expect(refused.stderr).toContain('stage "count" cannot pause');
    expect(refused.exitCode).toBe(2);
    expect(await place.read('experiments/exp-1/experiment.json')).toBe(before);
  });
});

test.each(['run', 'resume'])('the option is in no help and no completion of pipe %s', async command => {
  const { dir } = await makeProject();
  expect((await runMain([command, '--help'], dir)).stdout).not.toContain('--pause-at');
  const offered = (await runMain(['complete', '--line', `pipe ${command} --`], dir)).stdout;
  expect(offered).toContain('--json');
  expect(offered).not.toContain('--pause-at');
});
