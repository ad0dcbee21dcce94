import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newExperiment } from '../registry/experiment.ts';
import { finishedExperiment, startWriter, temporaryRegistry } from '../registry/rig.ts';
import { runMain } from './run-main.ts';

const stripTimes = (text: string) =>
  text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<time>').replace(/[\d.]+ s\b/g, '<s>');

describe('pipe show', () => {
  it('tells everything of an experiment that matters', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    const output = await writer.beginStage('data');
    writeFileSync(join(output, 'grid.png'), 'x'.repeat(12_345));
    await writer.publish('data', 'grid.png');
    await writer.endStage('data', { status: 'ran', report: '60,000 images', reason: null }, {});
    await writer.beginStage('train');
    writer.progress('train', { type: 'progress', done: 7, total: 100, unit: 'iterations' });
    writer.metric('train', { type: 'metric', step: 7, values: { d_loss: NaN } }, {});
    writer.setTensorFlow({ kind: 'native-cpu', version: '2.21.0' });
    await writer.finish('failed', {
      stage: 'train',
      code: 'diverged',
      message: 'd_loss is NaN at iteration 7\nlast good checkpoint: iteration 5',
      hint: 'Lower train.learningRate.',
    });
    const { stdout, exitCode } = await runMain(['show', 'exp-1'], dirname(registry.dir));
    expect(exitCode).toBe(0);
    expect(stripTimes(stdout)).toBe(`\
exp-1  cgan  failed
started <time>, took <s>

Failed in train
  d_loss is NaN at iteration 7
  last good checkpoint: iteration 5
  → Lower train.learningRate.

Stages
  data   load-cifar  ran     <s>  60,000 images
  train              failed  <s>  7/100 iterations

Metrics
          last  best    min  max  tail mean
  d_loss   NaN     –    NaN  NaN        NaN  step 7

Artifacts
  artifacts/data/grid.png  12.3 kB

Parameters
  data.source         synthetic
  train.learningRate  0.0002

Provenance
  folder      ${writer.dir}
  pipeline    pipelines/cgan.yaml
  seed        42
  command     pipe run pipelines/cgan.yaml
  in          /home/someone/project
  git         0123456789abcdef0123456789abcdef01234567 (main)
  TensorFlow  2.21.0 native-cpu
  Node        v20.19.0
  system      Linux
  CPU         2 × CPU, 8.0 GB memory
  packages    pipe 0.1.0
`);
  });

  it('shows scores with their intervals, and each protocol once', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    const declared = { kid: { description: '', direction: 'min' } } as const;
    const score = (stage: string, values: Record<string, number>, protocol: string, more: object = {}) => {
      writer.metric(stage, { type: 'metric', step: 1, values, protocol, ...more }, declared);
    };
    score('data', { kid: 0.0405, fid: 30.4 }, 'cifar@1/10000/seen-in-training', {
      intervals: { kid: [0.0399, 0.0411] },
    });
    score('train', { kid: 0.25 }, 'inception@2/10000');
    await writer.finish('failed', null);
    const { stdout } = await runMain(['show', 'exp-1'], dirname(registry.dir));
    expect(stdout).toContain(`
Metrics
                            last     best            min      max  tail mean
  kid (a)        0.0405 ± 0.0006  0.04050  at 1  0.04050  0.04050    0.04050  step 1
  fid (a)                  30.40        –          30.40    30.40      30.40  step 1
  train.kid (b)           0.2500   0.2500  at 1   0.2500   0.2500     0.2500  step 1
  ± or (low–high): 95 % interval
  (a) measured as cifar@1/10000/seen-in-training
  (b) measured as inception@2/10000
`);
  });

  it('shows a folder of many pictures as one line', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    const output = await writer.beginStage('train');
    mkdirSync(join(output, 'samples'));
    for (let number = 10; number < 34; number++)
      writeFileSync(join(output, 'samples', `${number}.png`), 'x'.repeat(1000));
    writeFileSync(join(output, 'last.png'), 'x');
    for (const path of ['samples', 'last.png']) await writer.publish('train', path);
    const shown = async () => (await runMain(['show', 'exp-1'], dirname(registry.dir))).stdout;
    const lines =
      'Artifacts\n  artifacts/train/last.png      1 B\n  artifacts/train/samples/  24.0 kB  24 files\n';
    expect(await shown()).toContain(lines);
    await writer.endStage('train', { status: 'ran', report: null, reason: null }, {});
    await writer.finish('finished', null);
    expect(await shown()).toContain(lines);
  });

  it('finds the latest, and gives scripts the record', async () => {
    const registry = temporaryRegistry();
    await finishedExperiment(registry, { loss: Infinity });
    await finishedExperiment(registry, { pipelineName: 'dcgan' });
    const { stdout } = await runMain(['show', 'latest:cgan', '--json'], dirname(registry.dir));
    expect(JSON.parse(stdout)).toMatchObject({
      id: 'exp-1',
      status: 'finished',
      dir: join(registry.dir, 'exp-1'),
      metrics: { d_loss: { last: 'Infinity' } },
    });
  });

  it('shows a run that goes on, and the same run once it was killed', async () => {
    const registry = temporaryRegistry();
    const { subprocess, printed } = await startWriter('hang', registry.dir);
    await printed(/began/);
    const cwd = dirname(registry.dir);
    const { pid } = subprocess;
    expect((await runMain(['show', 'exp-1'], cwd)).stdout).toMatch(
      new RegExp(`^exp-1 {2}cgan {2}running\nstarted .*, for .*, process ${pid} on `),
    );
    subprocess.kill('SIGKILL');
    await subprocess;
    const { stdout } = await runMain(['show', 'exp-1'], cwd);
    expect(stdout).toMatch(
      new RegExp(
        `^exp-1 {2}cgan {2}crashed\nstarted .*, its process ${pid} is gone, to continue: pipe resume exp-1\n`,
      ),
    );
    expect(JSON.parse((await runMain(['show', 'exp-1', '--json'], cwd)).stdout)).toMatchObject({
      status: 'crashed',
    });
  });

  it('says what is wrong with one that cannot be read, and what is there', async () => {
    const registry = temporaryRegistry();
    const { dir } = await finishedExperiment(registry);
    writeFileSync(join(dir, 'experiment.json'), '{');
    const { stderr, exitCode } = await runMain(['show', 'exp-1'], dirname(registry.dir));
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'error: exp-1 has an experiment.json that is not valid JSON\n' +
        `  Its folder is ${dir}, with artifacts, experiment.json, metrics.jsonl, pipeline.yaml, resolved.yaml, stages.\n` +
        '  → Copy the folder again from where it came from, or remove it: pipe rm --force exp-1\n',
    );
  });

  it('shows no control characters from files', async () => {
    const registry = temporaryRegistry();
    const evil = '\u001b]0;gotcha\u0007';
    const parameters = { [`a${evil}`]: evil };
    const writer = await registry.claim(newExperiment({ pipelineName: evil, parameters, cwd: evil }));
    writer.metric('train', { type: 'metric', step: 1, values: { [evil]: 1 } }, {});
    await writer.finish('failed', { stage: null, code: 'x', message: evil, hint: evil });
    const { stdout } = await runMain(['show', 'exp-1'], dirname(registry.dir));
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });

  it('asks for an experiment', async () => {
    const { stderr, exitCode } = await runMain(['show'], '/');
    expect(exitCode).toBe(2);
    expect(stderr).toContain("missing required argument 'experiment'");
  });
});
