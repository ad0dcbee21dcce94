import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { FilesArtifact } from '../../src/core/artifacts.ts';
import { ExperimentRecord } from '../../src/core/experiment.ts';
import { Attempt } from '../../src/registry/internal/attempt.ts';
import { FileHashes } from '../../src/storage/file-hashes.ts';
import { Logs } from '../../src/registry/internal/logs.ts';
import { Published } from '../../src/registry/internal/published.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { newExperiment } from './experiment.ts';
import { finishedExperiment, temporaryFolder, temporaryRegistry } from './rig.ts';

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8')) as unknown;

const ran = { status: 'ran', report: '60,000 images', reason: null } as const;

describe('writing an experiment', () => {
  it('records stages, logs, outputs and artifacts as the run goes on', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());

    const output = await writer.beginStage('data');
    expect(output).toBe(join(writer.dir, 'stages', 'data', 'output'));
    expect((await registry.read('exp-1')).record.stages[0]?.status).toBe('running');
    writer.log('data', 'reading\n');
    writer.log('data', 'read\n');
    writeFileSync(join(output, 'grid.png'), 'a picture');
    await writer.publish('data', 'grid.png');
    const files: FilesArtifact = { kind: 'files', dir: output, files: ['grid.png'] };
    await writer.endStage('data', ran, { files });

    expect(readFileSync(join(writer.dir, 'stages', 'data', 'log.txt'), 'utf8')).toBe('reading\nread\n');
    expect(readJson(writer.dir, 'stages', 'data', 'stage.json')).toMatchObject({
      id: 'data',
      status: 'ran',
      report: '60,000 images',
      outputs: { files: { kind: 'files', dir: 'stages/data/output', files: ['grid.png'] } },
    });
    expect(await writer.outputs('data')).toEqual({ files });
    expect(await writer.outputs('train')).toEqual({});

    writer.setTensorFlow({ kind: 'native-cpu', version: '2.21.0' });
    await writer.finish('finished', null);
    const { record, status } = await registry.read('exp-1');
    expect(status).toBe('finished');
    expect(record.environment.tensorflow).toEqual({ kind: 'native-cpu', version: '2.21.0' });
    expect(record.ms).toBeGreaterThan(0);
    expect(record.stages[0]?.ms).toBeGreaterThan(0);
    expect(record.artifacts).toEqual([
      {
        path: 'artifacts/data/grid.png',
        stage: 'data',
        bytes: 9,
        sha256: '92b2fa58028958317e408bd84ecfa70f5ee35b121991dbc232c49d166353708b',
      },
    ]);
    expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
  });

  it('writes a record that its schema describes, whatever was measured', async () => {
    const registry = temporaryRegistry();
    const writer = await finishedExperiment(registry, { loss: NaN, accuracy: Infinity });
    const validate = new Ajv({ strict: false }).compile(ExperimentRecord);
    const stored = readJson(writer.dir, 'experiment.json');
    expect(validate(stored), JSON.stringify(validate.errors)).toBe(true);
    expect(stored).toMatchObject({ metrics: { d_loss: { last: 'NaN' }, d_accuracy: { last: 'Infinity' } } });
  });

  it('tells why it failed, and ends the stage that ran', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    await writer.beginStage('train');
    writer.progress('train', { type: 'progress', done: 7, total: 100, unit: 'iterations' });
    const failure = { stage: 'train', code: 'diverged', message: 'NaN', hint: 'Lower the learning rate.' };
    await writer.finish('failed', failure);
    const { record } = await registry.read('exp-1');
    expect(record.failure).toEqual(failure);
    expect(record.stages[1]).toMatchObject({
      status: 'failed',
      progress: { done: 7, total: 100, unit: 'iterations' },
    });
    expect(record.stages[0]?.status).toBe('pending');
  });

  it('keeps outputs elsewhere absolute, and those inside with the folder when it moves', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    const output = await writer.beginStage('data');
    const elsewhere = temporaryFolder();
    await writer.endStage('data', ran, {
      inside: { kind: 'files', dir: join(output, 'deep'), files: [] },
      outside: { kind: 'files', dir: elsewhere, files: [] },
    });
    await writer.finish('finished', null);
    const copy = temporaryFolder();
    renameSync(writer.dir, join(copy, 'exp-40'));
    const moved = openRegistry(copy);
    const experiment = await moved.find('exp-40');
    expect(experiment.record.id).toBe('exp-40');
    const outputs = await moved.view(experiment).outputs();
    expect(outputs.map(({ stage, name, artifact }) => [stage, name, artifact.dir])).toEqual([
      ['data', 'inside', join(copy, 'exp-40', 'stages', 'data', 'output', 'deep')],
      ['data', 'outside', elsewhere],
    ]);
  });

  it('refuses a stage record that leads out of the experiment', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    mkdirSync(join(writer.dir, 'stages', 'data'));
    const path = join(writer.dir, 'stages', 'data', 'stage.json');
    writeFileSync(path, '{ "outputs": { "files": { "kind": "files", "dir": "../../..", "files": [] } } }');
    await expect(writer.outputs('data')).rejects.toThrow(`${path} is not a stage's record`);
    writeFileSync(path, '{ "outp');
    await expect(writer.outputs('data')).rejects.toThrow(`${path} is not a stage's record`);
    await writer.finish('interrupted', null);
  });

  it('empties the output folder of a stage that begins again', async () => {
    const writer = await temporaryRegistry().claim(newExperiment());
    const output = await writer.beginStage('data');
    appendFileSync(join(output, 'half'), 'half');
    expect(existsSync(join(await writer.beginStage('data'), 'half'))).toBe(false);
    await writer.finish('interrupted', null);
  });

  it('lends stages the other experiments, and this one so far', async () => {
    const registry = temporaryRegistry();
    await finishedExperiment(registry);
    const writer = await registry.claim(newExperiment());
    const lookup = registry.lookup(writer);
    await writer.beginStage('train');
    writer.metric('train', { type: 'metric', step: 1, values: { d_loss: 0.25 } }, {});
    expect((await lookup.current()).record.metrics['d_loss']?.last).toBe(0.25);
    expect((await lookup.find('latest')).record.id).toBe('exp-1');
    await writer.finish('interrupted', null);
  });

  it('keeps as much of a log as people read, and says where it ends; an error comes in any case', async () => {
    const writer = await temporaryRegistry().claim(newExperiment());
    const logs = new Logs(new Attempt(writer.dir, 0), 25);
    const written = ['ten bytes\n', 'ten bytes\n', 'ten bytes\n', 'more\n'].map(text =>
      logs.append('data', text),
    );
    expect(written).toEqual([true, true, false, true]);
    expect(logs.append('data', 'Error: the end\n', true)).toBe(true);
    logs.end();
    const log = () => readFileSync(join(writer.dir, 'stages', 'data', 'log.txt'), 'utf8');
    const cut = 'ten bytes\nten bytes\n\nMore than 25 B: the rest is not kept.\nError: the end\n';
    expect(log()).toBe(cut);
    // A resumed stage has no more room.
    expect(new Logs(new Attempt(writer.dir, 0), 25).append('data', 'again\n')).toBe(true);
    expect(log()).toBe(cut);
  });

  it('refuses to publish more files than its record has room for', async () => {
    const writer = await temporaryRegistry().claim(newExperiment());
    const output = await writer.beginStage('data');
    for (const name of ['a', 'b', 'c']) writeFileSync(join(output, name), name);
    const attempt = new Attempt(writer.dir, 0);
    const published = new Published({ attempt, hashes: new FileHashes() }, { artifacts: [] }, 2);
    published.add('data', 'a');
    published.add('data', 'b');
    expect(() => {
      published.add('data', 'c');
    }).toThrow('stage "data" publishes more than the 2 files that an experiment has room for, with "c"');
  });
});
