import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { Random } from '../../src/core/random.ts';
import { countingStage } from '../rig/counting-stage.ts';
import { tinyPipeline } from '../rig/tiny-pipeline.ts';
import { killing, makeProject, runPipe, startPipe, type Project, type RunningPipe } from '../rig/pipe.ts';
import { seedWords, testSeed } from '../rig/seed.ts';
import { outcomeOf, recordIn, type Outcome } from './outcome.ts';

const project = () => makeProject({ 'tiny.yaml': tinyPipeline });
const record = (place: Project, id = 'exp-1') => recordIn(place.path('experiments', id));
const statuses = ({ stages }: ExperimentRecord) => stages.map(({ status }) => status);

/** Kills the process at once when the test is satisfied. */
async function killWhen(
  pipe: RunningPipe,
  isTime: () => boolean,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<void> {
  const ended = pipe.finished.then(({ stderr }) => `it ended before:\n${stderr}`);
  while (!isTime()) {
    const early = await Promise.race([setTimeout(1, undefined), ended]);
    if (early !== undefined) throw new Error(early);
  }
  pipe.kill(signal);
  await pipe.finished;
}

let whole: Outcome;
let finished: Project;
/** How many operations on files a whole run makes. */
let operations: number;

beforeAll(async () => {
  finished = await project();
  const env = killing({ KILL_COUNT: finished.path('count') });
  const { exitCode, stderr } = await runPipe(['run', 'tiny.yaml'], { cwd: finished.dir, env });
  expect(exitCode, stderr).toBe(0);
  whole = outcomeOf(finished.path('experiments/exp-1'));
  expect(whole.metrics).toHaveLength(24);
  operations = Number(await finished.read('count'));
});

describe('an experiment that was stopped ends as if it had not been', () => {
  test('killed before the first checkpoint, right after one, and while one is written', async () => {
    const place = await project();
    const { dir: cwd } = place;
    const output = place.path('experiments/exp-1/stages/train/output');
    const has = (pattern: RegExp) =>
      existsSync(`${output}/checkpoints`) &&
      readdirSync(`${output}/checkpoints`).some(name => pattern.test(name));

    await killWhen(startPipe(['run', 'tiny.yaml'], { cwd }), () => existsSync(`${output}/samples`));
    expect((await runPipe(['list'], { cwd })).stdout).toContain('crashed');
    const hadCheckpoint = has(/^iteration/);

    const second = startPipe(['resume', 'exp-1'], { cwd });
    await killWhen(second, () => has(/^iteration-0000(10|15|20)/));
    if (!hadCheckpoint)
      expect(second.stderr).toContain(
        'there is no checkpoint to resume from: training starts from its beginning',
      );

    await killWhen(startPipe(['resume', 'exp-1'], { cwd }), () => has(/^\.iteration-0000(2|3)/));

    const { exitCode, stdout, stderr } = await runPipe(['resume', 'exp-1'], { cwd });
    expect(stderr).toMatch(/^training goes on after iteration \d+ of 48$/m);
    expect(stdout).toBe('exp-1\n');
    expect(exitCode, stderr).toBe(0);
    expect(outcomeOf(place.path('experiments/exp-1'))).toEqual(whole);
    const { status, resumes } = record(place);
    expect(status).toBe('finished');
    expect(resumes).toHaveLength(3);
    expect(readdirSync(place.path('experiments')).sort()).toEqual([
      '.cache',
      '.gitignore',
      '.numbers',
      '.staging',
      '.trash',
      'exp-1',
    ]);
  });

  test(`killed at any moments, again and again (${seedWords})`, async () => {
    const place = await project();
    const random = new Random(testSeed);
    const share = (low: number, high: number) =>
      random.integer(Math.ceil(low * operations), Math.floor(high * operations));
    // The first half is mostly the data; from then on it trains.
    let args = ['run', 'tiny.yaml'];
    for (let killAt = share(0.5, 0.7), kills = 0; kills < 3; killAt = share(0.01, 0.2), kills++) {
      const env = killing({ KILL_AT: String(killAt) });
      const { exitCode, stderr } = await runPipe(args, { cwd: place.dir, env });
      expect(exitCode, stderr).toBe(137);
      args = ['resume', 'exp-1'];
    }
    const { exitCode, stderr } = await runPipe(args, { cwd: place.dir });
    expect(exitCode, stderr).toBe(0);
    expect(outcomeOf(place.path('experiments/exp-1'))).toEqual(whole);
  });

  test('interrupted by Ctrl-C in the middle of an epoch', async () => {
    const place = await project();
    const pipe = startPipe(['run', 'tiny.yaml'], { cwd: place.dir });
    const checkpoint = place.path('experiments/exp-1/stages/train/output/checkpoints/iteration-000010');
    await killWhen(pipe, () => existsSync(checkpoint), 'SIGINT');
    const { stderr } = await pipe.finished;
    expect(stderr).toMatch(/ {2}→ pipe resume exp-1\n$/);
    expect(statuses(record(place))).toEqual(['ran', 'ran', 'ran', 'interrupted', 'skipped']);
    const resumed = await runPipe(['resume', 'exp-1'], { cwd: place.dir });
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain('normalize: done before');
    expect(outcomeOf(place.path('experiments/exp-1'))).toEqual(whole);
  });
});

describe('an experiment is extended', () => {
  test('by more epochs, as a new experiment that equals one which ran so long at once', async () => {
    const place = await project();
    const { dir: cwd } = place;
    expect((await runPipe(['run', 'tiny.yaml', '--set', 'train.epochs=3'], { cwd })).exitCode).toBe(0);
    const before = await place.read('experiments/exp-1/experiment.json');
    const { exitCode, stderr } = await runPipe(['resume', 'exp-1', '--set', 'train.epochs=6'], { cwd });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('train: started\ntraining goes on after iteration 24 of 48\n');
    expect(outcomeOf(place.path('experiments/exp-2'))).toEqual(whole);
    const extended = record(place, 'exp-2');
    expect(extended.parent).toBe('exp-1');
    expect(statuses(extended)).toEqual(['reused', 'reused', 'reused', 'ran', 'ran']);
    expect(await place.read('experiments/exp-1/experiment.json')).toBe(before);
    for (const command of [
      ['run', 'tiny.yaml'],
      ['resume', 'exp-1', '--set', 'train.epochs=6'],
    ]) {
      const again = await runPipe(command, { cwd });
      expect(again.stderr).toContain('nothing changed: equals exp-2');
      expect(again.stdout).toBe('exp-2\n');
    }
    expect((await runPipe(['show', 'exp-2'], { cwd })).stdout).toMatch(/parent +exp-1/);
  });

  test('by iterations with a learning rate that falls later, as if it had been meant to', async () => {
    const place = await project();
    const { dir: cwd } = place;
    const falling = ['--set', 'train.schedule={kind: steps, at: [30]}'];
    expect((await runPipe(['run', 'tiny.yaml', '--set', 'train.epochs=3'], { cwd })).exitCode).toBe(0);
    const { exitCode, stderr } = await runPipe(['resume', 'exp-1', '--set', 'train.epochs=6', ...falling], {
      cwd,
    });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('training goes on after iteration 24 of 48\n');
    const again = await runPipe(['run', 'tiny.yaml', ...falling], { cwd });
    expect(again.stderr).toContain('nothing changed: equals exp-2');
    const anew = await runPipe(['run', 'tiny.yaml', '--force', ...falling], { cwd });
    expect(anew.exitCode, anew.stderr).toBe(0);
    expect(outcomeOf(place.path('experiments/exp-2'))).toEqual(outcomeOf(place.path('experiments/exp-3')));
    const spanning = ['--set', 'train.epochs=8', '--set', 'train.schedule={kind: cosine}'];
    const refused = await runPipe(['resume', 'exp-2', ...spanning], { cwd });
    expect(refused.stderr).toBe(
      'error: exp-2 cannot be trained further: its learning rate at iteration 2 was 0.0002 and would be 0.0001999, and 48 iterations are done\n' +
        '  → run it from its beginning: pipe run tiny.yaml --set …\n',
    );
    expect(refused.exitCode).toBe(2);
  });

  test.each([
    [
      'train.learningRate=0.01',
      'exp-1 cannot be trained further with a different train.learningRate (0.0002 → 0.01)',
    ],
    ['load-cifar.count=70', 'exp-1 cannot be trained further with a different load-cifar.count (60 → 70)'],
    ['seed=4', 'exp-1 cannot be trained further with a different seed (3 → 4)'],
    ['train.epoch=40', 'did you mean "epochs"?'],
  ])('but not by %s', async (setting, message) => {
    const { exitCode, stdout, stderr } = await runPipe(['resume', 'exp-1', '--set', setting], {
      cwd: finished.dir,
    });
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
    expect(await finished.exists('experiments/exp-2')).toBe(false);
  });
});

test('a finished experiment is left alone, with the command that trains it further', async () => {
  const { exitCode, stderr } = await runPipe(['resume', 'exp-1'], { cwd: finished.dir });
  expect(stderr).toBe(
    'error: exp-1 is finished\n  → to train it further: pipe resume exp-1 --set train.epochs=12\n',
  );
  expect(exitCode).toBe(2);
});

test('an unknown experiment is named, with those that there are', async () => {
  const { exitCode, stderr } = await runPipe(['resume', 'exp-9'], { cwd: finished.dir });
  expect(stderr).toContain('exp-9');
  expect(stderr).toContain('exp-1');
  expect(exitCode).toBe(2);
});

describe('a stage of the user’s', () => {
  const twice = `name: twice
stages:
  - { use: ./count.ts, id: first }
  - { use: ./count.ts, id: second, params: { to: 0 } }
`;

  test('that failed is run again; what had ended is kept, its metrics too', async () => {
    const broken = countingStage.replace(
      'console.log',
      "if (to === 5) throw new Error('broken');\n    console.log",
    );
    const place = await makeProject({ 'twice.yaml': twice.replace('to: 0', 'to: 5'), 'count.ts': broken });
    const failed = await runPipe(['run', 'twice.yaml'], { cwd: place.dir });
    expect(failed.stderr).toMatch(/exp-1 failed [^]* → pipe resume exp-1\n$/);
    await place.write('count.ts', countingStage);
    const { exitCode, stderr } = await runPipe(['resume', 'exp-1'], { cwd: place.dir });
    expect(stderr).toContain('first: done before\nsecond: started\n');
    expect(exitCode).toBe(0);
    const { status, failure, metrics } = record(place);
    expect({ status, failure }).toEqual({ status: 'finished', failure: null });
    expect(metrics).toMatchObject({ number: { count: 3, last: 3 }, 'second.number': { count: 5, last: 5 } });
  });

  test('whose outputs are no longer recorded runs again', async () => {
    const place = await makeProject({ 'twice.yaml': twice, 'count.ts': countingStage });
    const { dir: cwd } = place;
    await runPipe(['run', 'twice.yaml'], { cwd, signalAfter: text => text.includes('second: warning') });
    await rm(place.path('experiments/exp-1/stages/first/stage.json'));
    await rm(place.path('experiments/.cache'), { recursive: true });
    const fresh = await runPipe(['run', 'twice.yaml', '--from', 'second'], { cwd });
    expect(fresh.stderr).toContain('  exp-1: the record of first.counted is gone\n');
    const { stderr } = await runPipe(['resume', 'exp-1'], {
      cwd,
      signalAfter: text => text.includes('second: warning'),
    });
    expect(stderr).toMatch(/^first: started\n[^]*^second: started\n/m);
    expect(statuses(record(place))).toEqual(['ran', 'interrupted']);
  });

  test('whose file is gone is named', async () => {
    const place = await makeProject({ 'twice.yaml': twice, 'count.ts': countingStage });
    await runPipe(['run', 'twice.yaml'], {
      cwd: place.dir,
      signalAfter: text => text.includes('second: warning'),
    });
    await rm(place.path('count.ts'));
    const { exitCode, stderr } = await runPipe(['resume', 'exp-1'], { cwd: place.dir });
    expect(stderr).toContain('count.ts');
    expect(exitCode).toBe(2);
    expect(record(place).status).toBe('interrupted');
  });

  test('that runs cannot be resumed, and of two resumes at once one has it', async () => {
    const place = await makeProject({ 'twice.yaml': twice, 'count.ts': countingStage });
    const { dir: cwd } = place;
    const pipe = startPipe(['run', 'twice.yaml'], { cwd });
    await pipe.stderrUntil(/second: warning/);
    for (const [force, detail] of [
      [[], ''],
      [['--force'], '.*alive on this host.*'],
    ] as const) {
      const early = await runPipe(['resume', 'exp-1', ...force], { cwd });
      expect(early.stderr).toMatch(
        new RegExp(`^error: exp-1 is still running: process \\d+ on .*${detail}\n  → pipe show exp-1`, 's'),
      );
      expect(early.exitCode).toBe(2);
    }
    pipe.kill('SIGKILL');
    await pipe.finished;

    const both = [1, 2].map(() => startPipe(['resume', 'exp-1'], { cwd }));
    const loser = await Promise.race(both.map(each => each.finished));
    expect(loser.stderr).toMatch(/error: exp-1 is still running: process \d+ on /);
    expect(loser.exitCode).toBe(2);
    const winner = both.find(each => each.stderr !== loser.stderr) as RunningPipe;
    await winner.stderrUntil(/second: warning/);
    winner.kill('SIGINT');
    expect((await winner.finished).exitCode).toBe(130);
    expect(record(place)).toMatchObject({
      status: 'interrupted',
      resumes: [{ command: ['pipe', 'resume', 'exp-1'] }],
    });
  });
});
