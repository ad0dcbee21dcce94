import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newExperiment } from '../registry/experiment.ts';
import { finishedExperiment, startWriter, temporaryFolder, temporaryRegistry } from '../registry/rig.ts';
import { makeProject, runPipe } from '../rig/pipe.ts';
import { outcomesOf } from '../../src/cli/list/outcome.ts';
import { runMain } from './run-main.ts';

/** exp-1 and exp-2 finished, exp-3 failed, exp-4 runs (written by this process), exp-5 unreadable. */
async function registryOfFive() {
  const registry = temporaryRegistry();
  await finishedExperiment(registry, { loss: 0.75, accuracy: 0.5 });
  await finishedExperiment(registry, { loss: 0.25, accuracy: 0.875, pipelineName: 'dcgan' });
  const failed = await registry.claim(newExperiment());
  await failed.beginStage('train');
  const failure = { stage: 'train', code: 'diverged', message: 'NaN at iteration 7\nand more', hint: null };
  await failed.finish('failed', failure);
  const running = await registry.claim(newExperiment());
  await running.beginStage('data');
  await running.endStage('data', { status: 'ran', report: null, reason: null }, {});
  await running.beginStage('train');
  running.progress('train', { type: 'progress', done: 1200, total: 3750, unit: 'iterations' });
  running.metric('train', { type: 'metric', step: 1200, values: { d_loss: 0.5 } }, {});
  mkdirSync(join(registry.dir, 'exp-5'));
  return { cwd: dirname(registry.dir), registry };
}

const CIFAR = 'pipe-cifar10@1a2b3c4d/10000x10000/uint8';
const INCEPTION = 'inception-2015@9f8e7d6c/10000x10000/uint8';

/** Experiments with a score, the smaller the better. */
async function registryOfScores(scores: readonly { readonly kid: number; readonly protocol?: string }[]) {
  const registry = temporaryRegistry();
  for (const { kid, ...how } of scores) {
    const writer = await registry.claim(newExperiment());
    const intervals = { kid: [kid - 0.001, kid + 0.001] } as const;
    const declared = { kid: { description: '', direction: 'min' } } as const;
    writer.metric('train', { type: 'metric', step: 1, values: { kid }, intervals, ...how }, declared);
    await writer.finish('finished', null);
  }
  return { cwd: dirname(registry.dir) };
}

/** exp-1 and exp-2 of a sweep, with series of scores; exp-3 with a single one. exp-1 is tagged. */
async function registryOfSeries() {
  const registry = temporaryRegistry();
  const declared = { kid: { description: '', direction: 'min' } } as const;
  const runs = [
    { kids: [0.04, 0.06], rate: 0.0002 },
    { kids: [0.07, 0.03, 0.08], rate: 0.0004 },
    { kids: [0.05], rate: 0.001 },
  ];
  for (const [index, { kids, rate }] of runs.entries()) {
    const isTrial = kids.length > 1;
    const sweep = { sweep: { id: 'sweep-1', point: index + 1, repeat: 1 } };
    const parameters = {
      'train.learningRate': rate,
      'train.epochs': 20,
      ...(isTrial && { 'train.shape': [32, 32] }),
    };
    const writer = await registry.claim(
      newExperiment({ seed: index + 1, parameters, ...(isTrial ? sweep : {}) }),
    );
    await writer.beginStage('train');
    for (const [at, kid] of kids.entries()) {
      const intervals = { kid: [kid - 0.001, kid + 0.001] } as const;
      const point = { step: 10 * (at + 1), values: { kid }, intervals, protocol: CIFAR };
      writer.metric('train', { type: 'metric', ...point }, declared);
    }
    if (isTrial) writer.metric('train', { type: 'metric', step: 30, values: { loss: 0.5 } }, {});
    await writer.endStage('train', { status: 'ran', report: null, reason: null }, {});
    await writer.finish('finished', null);
  }
  registry.tags.set('best', 'exp-1', { force: false });
  return { cwd: dirname(registry.dir), registry };
}

const ids = (stdout: string) => [...stdout.matchAll(/^exp-\d+/gm)].map(([id]) => id);

describe('pipe list', () => {
  it('shows every experiment, newest first, whatever its state', async () => {
    const { cwd } = await registryOfFive();
    const { stdout, stderr, exitCode } = await runMain(['list'], cwd);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    const lines = stdout
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '<time>')
      .replace(/ +[\d.]+ s /g, ' <s> ')
      .split('\n')
      .map(line => line.split(/ {2,}/).join(' | '));
    expect(lines).toEqual([
      'id | pipeline | status | started | time | outcome',
      'exp-5 | – | unreadable | – | – | it has no experiment.json',
      'exp-4 | cgan | running | <time> <s> | train 1200/3750 iterations | d_loss 0.5000',
      'exp-3 | cgan | failed | <time> <s> | train: NaN at iteration 7',
      'exp-2 | dcgan | finished | <time> <s> | d_loss 0.2500 | d_accuracy 0.8750',
      'exp-1 | cgan | finished | <time> <s> | d_loss 0.7500 | d_accuracy 0.5000',
      '',
    ]);
  });

  it.each([
    [
      ['--status', 'finished'],
      ['exp-2', 'exp-1'],
    ],
    [['--status', 'unreadable'], ['exp-5']],
    [
      ['--pipeline', 'cgan'],
      ['exp-4', 'exp-3', 'exp-1'],
    ],
    [['--pipeline', 'cgan', '--status', 'failed'], ['exp-3']],
    [['--reverse'], ['exp-1', 'exp-2', 'exp-3', 'exp-4', 'exp-5']],
    [
      ['--limit', '2'],
      ['exp-5', 'exp-4'],
    ],
    [['--sort', 'created', '--reverse', '--limit', '1'], ['exp-1']],
    // A loss of a GAN has no direction: the smallest first.
    [
      ['--sort', 'd_loss'],
      ['exp-2', 'exp-4', 'exp-1', 'exp-5', 'exp-3'],
    ],
    [
      ['--sort', 'd_accuracy'],
      ['exp-2', 'exp-1', 'exp-5', 'exp-4', 'exp-3'],
    ],
    [
      ['--sort', 'd_accuracy', '--reverse'],
      ['exp-1', 'exp-2', 'exp-5', 'exp-4', 'exp-3'],
    ],
  ])('%j', async (options, expected) => {
    const { cwd } = await registryOfFive();
    const { stdout } = await runMain(['list', ...options], cwd);
    expect(ids(stdout)).toEqual(expected);
  });

  it('names the metric that it sorts by first', async () => {
    const { cwd } = await registryOfFive();
    const { stdout } = await runMain(['list', '--sort', 'd_accuracy', '--limit', '1'], cwd);
    expect(stdout).toContain('d_accuracy 0.8750  d_loss 0.2500');
  });

  it('shows scores with their intervals and their protocols, each once below', async () => {
    const { cwd } = await registryOfScores([{ kid: 0.04, protocol: CIFAR }, { kid: 0.25 }]);
    const { stdout } = await runMain(['list'], cwd);
    const [, ...lines] = stdout.split('\n').map(line => line.split(/ {2,}/).slice(-2).join(' | '));
    expect(lines).toEqual([
      expect.stringMatching(/ s \| kid 0\.2500 ± 0\.0010$/),
      expect.stringMatching(/ s \| kid \(a\) 0\.0400 ± 0\.0010$/),
      `(a) measured as ${CIFAR}`,
      '',
    ]);
  });

  it('shows no intervals where there is no room', () => {
    const metrics = {
      ...{ directions: [], stages: ['evaluate', 'evaluate'] },
      ...{ protocols: [CIFAR, 'other'], hasIntervals: true },
    } as const;
    const bounds = Float64Array.of(0.0399, 0.0411, 27, 29);
    const bests = new Float64Array(8).fill(NaN);
    const values = Float64Array.of(0.0405, 28);
    const entry = {
      id: 'exp-1',
      dir: '',
      status: 'finished',
      pipeline: 'cgan',
      createdAt: '',
      ms: 1,
      seed: 1,
      sweep: null,
      parameters: { names: [], get: () => undefined },
      metrics: { ...metrics, names: ['kid', 'fid'], values, bounds, bests },
      failure: null,
      reached: null,
    } as const;
    const outcomes = (room: number) => outcomesOf([entry], room, undefined);
    expect(outcomes(44)).toEqual({
      texts: ['kid (a) 0.0405 ± 0.0006  fid (b) 28.0 ± 1.0'],
      legend: [`(a) measured as ${CIFAR}`, '(b) measured as other'],
    });
    expect(outcomes(36).texts).toEqual(['kid (a) 0.0405 ± 0.0006  fid (b) 28']);
    expect(outcomes(20)).toEqual({ texts: ['kid (a) 0.04050'], legend: [`(a) measured as ${CIFAR}`] });
    expect(outcomes(8).texts).toEqual(['kid (a)…']);
  });

  it('sorts by scores within each protocol, the newest experiment’s first, and says so', async () => {
    const { cwd } = await registryOfScores([
      { kid: 0.02 },
      { kid: 0.05, protocol: CIFAR },
      { kid: 0.03, protocol: INCEPTION },
      { kid: 0.06, protocol: CIFAR },
      { kid: 0.01, protocol: INCEPTION },
      { kid: 0.04, protocol: CIFAR },
    ]);
    const { stdout, stderr } = await runMain(['list', '--sort', 'kid'], cwd);
    expect(ids(stdout)).toEqual(['exp-6', 'exp-2', 'exp-4', 'exp-5', 'exp-3', 'exp-1']);
    expect(stderr).toBe('kid was measured in 3 ways, which cannot be compared: sorted within each.\n');
    const reversed = await runMain(['list', '--sort', 'kid', '--reverse'], cwd);
    expect(ids(reversed.stdout)).toEqual(['exp-4', 'exp-2', 'exp-6', 'exp-3', 'exp-5', 'exp-1']);
    const one = await runMain(['list', '--sort', 'kid', '--limit', '3'], cwd);
    expect(one.stderr).toBe('');
  });

  it('says which metrics there are when it cannot sort', async () => {
    const { cwd } = await registryOfFive();
    const { stderr, exitCode } = await runMain(['list', '--sort', 'd_acuracy'], cwd);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'error: --sort d_acuracy: none of these experiments has a metric of that name; did you mean "d_accuracy"?\n' +
        '  They can be sorted by id, created, duration, d_loss, d_accuracy.\n',
    );
  });

  it('sorts by the best value, and shows it with its step', async () => {
    const { cwd } = await registryOfSeries();
    const { stdout } = await runMain(['list', '--sort', 'kid'], cwd);
    expect(ids(stdout)).toEqual(['exp-2', 'exp-1', 'exp-3']);
    expect(stdout).toMatch(/^exp-2 .* {2}kid \(a\) best 0\.0300 ± 0\.0010 at 20 {2}loss 0\.5000$/m);
    expect(stdout).toMatch(/^exp-3 .* {2}kid \(a\) 0\.0500 ± 0\.0010$/m);
    expect(ids((await runMain(['list', '--sort', 'train.kid'], cwd)).stdout)).toEqual(ids(stdout));
    expect((await runMain(['list', '--sort', 'train.kid'], cwd)).stdout).toBe(stdout);
  });

  it.each([
    ['train.learningRate<0.001 and status=finished', ['exp-2', 'exp-1']],
    ['train.learningRate >= 0.001', ['exp-3']],
    ['kid < 0.035', ['exp-2']],
    ['train.kid < 0.035 or seed = 3', ['exp-3', 'exp-2']],
    ['loss > 0', ['exp-2', 'exp-1']],
    ['not kid < 0.035', ['exp-3', 'exp-1']],
    ['tags = best', ['exp-1']],
    ['sweep = sweep-1 and point = 2', ['exp-2']],
    ['sweep = null', ['exp-3']],
    ['id != exp-1 and pipeline ~ gan and created > 2026-01', ['exp-3', 'exp-2']],
    ['duration < 1000 and failure = null', ['exp-3', 'exp-2', 'exp-1']],
  ])('shows those alone for which %s', async (condition, expected) => {
    const { cwd } = await registryOfSeries();
    const { stdout } = await runMain(['list', '--where', condition], cwd);
    expect(ids(stdout)).toEqual(expected);
    const json = await runMain(['list', '--where', condition, '--json'], cwd);
    expect((JSON.parse(json.stdout) as { id: string }[]).map(({ id }) => id)).toEqual(expected);
  });

  it.each([
    [
      'train.learningRat<0.001',
      'command line: error: "train.learningRat" is not the name of a parameter, a metric or a fact of any of these experiments\n' +
        '    --where train.learningRat<0.001\n' +
        '            ^^^^^^^^^^^^^^^^^\n' +
        '  did you mean "train.learningRate"?\n',
    ],
    [
      'kid<0.05 && status=finished',
      'command line: error: "&&" is no operator\n' +
        '    --where kid<0.05 && status=finished\n' +
        '                     ^^\n' +
        '  did you mean "and"?\n',
    ],
    [
      'kid<1 and not status=finishd',
      'command line: error: status is never "finishd"\n' +
        '    --where kid<1 and not status=finishd\n' +
        '                                 ^^^^^^^\n' +
        '  expected one of running, finished, failed, interrupted, crashed, unreadable\n' +
        '  did you mean "finished"?\n',
    ],
    [
      'kid<',
      'command line: error: it ends too early\n' +
        '    --where kid<\n' +
        '                ^\n' +
        '  expected a name, a number or a text\n',
    ],
  ])('points at the mistake in %s', async (condition, message) => {
    const { cwd } = await registryOfSeries();
    const { stdout, stderr, exitCode } = await runMain(['list', '--where', condition], cwd);
    expect([exitCode, stdout, stderr]).toEqual([2, '', message]);
  });

  it('says so where a condition holds for none, and knows no name where there is no experiment', async () => {
    const { cwd, registry } = await registryOfSeries();
    const { stdout, stderr, exitCode } = await runMain(['list', '--where', 'seed>9'], cwd);
    expect([exitCode, stdout, stderr]).toEqual([
      0,
      '',
      `None of the 3 experiments in ${registry.dir} is like that.\n`,
    ]);
    const none = await runMain(['list', '--where', 'kid<1'], temporaryFolder());
    expect([none.exitCode, none.stdout]).toEqual([0, '']);
  });

  it('shows the columns that are asked for', async () => {
    const { cwd } = await registryOfSeries();
    const names = 'train.learningRate,kid,loss,train.shape,seed,tags,sweep,duration,id';
    const { stdout } = await runMain(['list', '--columns', names], cwd);
    const rows = stdout.split('\n').map(line =>
      line
        .replace(/[\d.]+ s/, '<s>')
        .split(/ {2,}/)
        .join(' | '),
    );
    expect(rows).toEqual([
      'id | pipeline | status | learningRate | kid | loss | shape | seed | tags | sweep | duration',
      `exp-3 | cgan | finished | 0.001 | 0.0500 ± 0.0010 (a) | – | – | 3 | – | – | <s>`,
      `exp-2 | cgan | finished | 0.0004 | 0.0300 ± 0.0010 (a) | 0.5000 | [32,32] | 2 | – | sweep-1 | <s>`,
      `exp-1 | cgan | finished | 0.0002 | 0.0400 ± 0.0010 (a) | 0.5000 | [32,32] | 1 | best | sweep-1 | <s>`,
      `(a) measured as ${CIFAR}`,
      '',
    ]);
  });

  it('refuses a column that no listed experiment has', async () => {
    const { cwd } = await registryOfSeries();
    const { stdout, stderr, exitCode } = await runMain(['list', '--columns', 'seed,train.learningrate'], cwd);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'error: --columns train.learningrate: none of these experiments has a parameter or a metric of that name; did you mean "train.learningRate"?\n' +
        '  Beside parameters and metrics there are id, status, tags, pipeline, created, duration, seed, sweep, point, repeat, failure.\n',
    );
    const other = await runMain(['list', '--where', 'seed=3', '--columns', 'train.shape'], cwd);
    expect(other.exitCode).toBe(2);
  });

  it('shows the parameters that differ where there is room, and none on a narrow terminal', async () => {
    const { cwd } = await registryOfSeries();
    const at = async (columns: number) =>
      (await runMain(['list'], cwd, { terminal: { columns }, env: { NO_COLOR: '1' } })).stdout;
    expect(await at(130)).toMatch(/^id +pipeline +status +started +time +tags +learningRate +outcome$/m);
    expect(await at(130)).toMatch(/^exp-2 .* 0\.0004 +kid \(a\) /m);
    expect(await at(80)).not.toContain('learningRate');
    for (const width of [80, 100, 130])
      expect(Math.max(...(await at(width)).split('\n').map(line => line.length))).toBeLessThanOrEqual(width);
  });

  it('gives scripts the whole records, and of the unreadable what is known', async () => {
    const { cwd, registry } = await registryOfFive();
    const { stdout } = await runMain(['list', '--json'], cwd);
    const documents = JSON.parse(stdout) as object[];
    expect(documents).toHaveLength(5);
    expect(documents[0]).toEqual({
      id: 'exp-5',
      status: 'unreadable',
      problem: 'has no experiment.json',
      dir: join(registry.dir, 'exp-5'),
      tags: [],
    });
    expect(documents[3]).toMatchObject({
      id: 'exp-2',
      status: 'finished',
      dir: join(registry.dir, 'exp-2'),
      seed: 42,
      metrics: { d_loss: { last: 0.25 } },
    });
  });

  it('fits a terminal, and is coloured there unless NO_COLOR is set', async () => {
    const { cwd } = await registryOfFive();
    const terminal = { columns: 80 };
    const coloured = await runMain(['list'], cwd, { terminal });
    expect(coloured.stdout).toContain('\u001b[31mfailed\u001b[39m');
    const { stdout } = await runMain(['list'], cwd, { terminal, env: { NO_COLOR: '1' } });
    expect(stdout).not.toContain('\u001b');
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
  });

  it('shows no control characters of names and messages', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment({ pipelineName: 'x\u001b[2J' }));
    await writer.finish('failed', { stage: null, code: 'x', message: '\u0007bell', hint: null });
    const { stdout } = await runMain(['list'], dirname(registry.dir));
    expect(stdout).toContain('x\\u001b[2J');
    expect(stdout).toContain('\\u0007bell');
  });

  it('takes the folder from the option, then from the environment, then from where one is', async () => {
    const { registry, cwd } = await registryOfFive();
    const elsewhere = temporaryFolder();
    expect(ids((await runMain(['list', '--experiments', registry.dir], elsewhere)).stdout)).toHaveLength(5);
    const env = { PIPE_EXPERIMENTS: registry.dir };
    expect(ids((await runMain(['list'], elsewhere, { env })).stdout)).toHaveLength(5);
    expect(ids((await runMain(['list', '--experiments', 'none'], cwd, { env })).stdout)).toEqual([]);
  });

  it('says so when nothing matches', async () => {
    const { cwd, registry } = await registryOfFive();
    const { stdout, stderr, exitCode } = await runMain(['list', '--status', 'crashed'], cwd);
    expect([stdout, stderr, exitCode]).toEqual([
      '',
      `None of the 5 experiments in ${registry.dir} is like that.\n`,
      0,
    ]);
  });

  it.each([
    [['--status', 'dead'], 'Allowed choices are running, finished, failed, interrupted, crashed, unreadable'],
    [['--limit', '-1'], 'It is a whole number from 1.'],
  ])('refuses %j', async (options, message) => {
    const { stderr, exitCode } = await runMain(['list', ...options], temporaryFolder());
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('pipe list, as a command', () => {
  it('says how to make the first experiment where there is none', async () => {
    const project = await makeProject();
    const { stdout, stderr, exitCode } = await runPipe(['list'], { cwd: project.dir });
    expect(exitCode).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      `There are no experiments in ${project.path('experiments')} yet.\n` +
        '  → pipe run <pipeline> makes the first; pipe init makes a project with a pipeline.\n',
    );
    expect((await runPipe(['list', '--json'], { cwd: project.dir })).stdout).toBe('[]\n');
    expect(await project.exists('experiments')).toBe(false);
  });

  it('shows a killed run as crashed', async () => {
    const project = await makeProject();
    const { subprocess, printed } = await startWriter('hang', project.path('experiments'));
    await printed(/began/);
    expect((await runPipe(['list'], { cwd: project.dir })).stdout).toContain('running');
    subprocess.kill('SIGKILL');
    await subprocess;
    expect((await runPipe(['list'], { cwd: project.dir })).stdout).toContain('crashed');
    writeFileSync(project.path('experiments', 'exp-1', 'experiment.json'), '{"schemaVersion":1,"id":7}');
    expect((await runPipe(['list'], { cwd: project.dir })).stdout).toMatch(
      /^exp-1 +– +unreadable +– +– +it has an experiment.json with \/ that must have required propert/m,
    );
  });
});
