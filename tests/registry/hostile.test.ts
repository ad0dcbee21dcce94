import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { currentProcess } from '../../src/host/process-identity.ts';
import type { Registry } from '../../src/registry/index.ts';
import { newExperiment } from './experiment.ts';
import { finishedExperiment, temporaryFolder, temporaryRegistry } from './rig.ts';

/** exp-1 as somebody else may have made it, to be looked at or gone on with. */
async function received(change: (record: ExperimentRecord, dir: string) => unknown = () => {}) {
  const registry = temporaryRegistry();
  const { dir } = await finishedExperiment(registry);
  const path = join(dir, 'experiment.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as ExperimentRecord;
  const changed = change(record, dir);
  writeFileSync(path, typeof changed === 'string' ? changed : JSON.stringify(record));
  return { registry, dir };
}

/** Its process is gone: what the record lacks is read from metrics.jsonl. */
function crash(record: ExperimentRecord): void {
  record.status = 'running';
  record.process = { ...currentProcess(), pid: 2 ** 22 + 1 };
}

describe('a record from elsewhere', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

  it.each([
    ['in a parameter', (record: ExperimentRecord) => JSON.stringify({ ...record, parameters: 0 })],
    ['in a field that nobody knows', (record: ExperimentRecord) => JSON.stringify({ ...record, more: 0 })],
  ])('that is nested very deeply %s is not read', async (_, text) => {
    const { registry } = await received(record =>
      text(record)
        .replace('"parameters":0', `"parameters":{"deep":${nested(100_000)}}`)
        .replace('"more":0', `"more":${nested(100_000)}`),
    );
    const problem = 'has an experiment.json that is nested far too deeply';
    expect((await registry.list()).unreadable).toMatchObject([{ id: 'exp-1', problem }]);
    expect((await registry.summaries()).unreadable).toMatchObject([{ id: 'exp-1', problem }]);
    await expect(registry.read('exp-1')).rejects.toMatchObject({ message: `exp-1 ${problem}` });
  });

  it('whose mistake is in a place with control characters, and a long one, is told in few safe words', async () => {
    const { registry } = await received(record => {
      const name = `\u001b[2J\n${'x'.repeat(1e6)}`;
      Object.assign(record.metrics, { [name]: { last: 'much' } });
    });
    const message = await registry.read('exp-1').then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toMatch(/^exp-1 has an experiment.json with \/metrics\/\\u001b\[2J\\u000axxx/);
    expect(message.length).toBeLessThan(300);
  });

  it.each(['../../../../etc', '..', '/etc', 'a/../../b', 'a\0b', 'x'.repeat(5000), ''])(
    'has no outputs in a stage called %j',
    async id => {
      const { registry } = await received(record => {
        for (const stage of record.stages) Object.assign(stage, { id, status: 'ran' });
      });
      const view = registry.view(await registry.read('exp-1'));
      await expect(view.outputs()).rejects.toMatchObject({ code: 'unsafe-name' });
    },
  );
});

describe('a stage’s record from elsewhere', () => {
  const outputs = async (stage: unknown) => {
    const { registry, dir } = await received();
    const path = join(dir, 'stages', 'train', 'stage.json');
    rmSync(path);
    if (typeof stage === 'function') (stage as (path: string) => void)(path);
    else writeFileSync(path, JSON.stringify(stage));
    return { path, outputs: registry.view(await registry.read('exp-1')).outputs() };
  };
  const dataset = { kind: 'dataset', dir: 'stages/train/output', images: 'images.u8', labels: 'labels.u8' };

  it('may name folders and files inside', async () => {
    const { outputs: found } = await outputs({ outputs: { dataset } });
    expect(await found).toMatchObject([{ stage: 'train', name: 'dataset', artifact: { kind: 'dataset' } }]);
  });

  it('may hold an artifact of a kind that pipe does not know', async () => {
    const artifact = { kind: 'spell', dir: 'stages/train/output', words: ['abra'] };
    const { outputs: found } = await outputs({ outputs: { artifact } });
    expect(await found).toMatchObject([{ name: 'artifact', artifact: { kind: 'spell', words: ['abra'] } }]);
  });

  it.each([
    [{ ...dataset, dir: '../exp-2' }],
    [{ ...dataset, dir: 'stages/../../x' }],
    [{ ...dataset, images: '../../../secret' }],
    [{ ...dataset, labels: '/etc/passwd' }],
    [{ ...dataset, images: 'C:\\secret' }],
    [{ ...dataset, images: 'a\0b' }],
    [{ ...dataset, images: 7 }],
    [{ kind: 'files', dir: '.', files: ['ok', '../x'] }],
    [{ kind: 'frames', dir: '.', frames: [{ file: '../x' }] }],
    [{ kind: 'frames', dir: '.' }],
    [{ kind: 'trained-model', dir: '.', generator: '../..', discriminator: 'd' }],
    [{ kind: 'animation', dir: '.', file: '/etc/passwd' }],
    [{ kind: 7, dir: '.' }],
  ])('that leads outside, or nowhere, is damaged: %j', async artifact => {
    const { path, outputs: found } = await outputs({ outputs: { artifact } });
    await expect(found).rejects.toMatchObject({
      code: 'stage-record-damaged',
      message: `${path} is not a stage's record`,
    });
  });

  it.each([
    ['a named pipe', (path: string) => spawnSync('mkfifo', [path])],
    ['a folder', (path: string) => mkdirSync(path)],
    ['an endless device', (path: string) => symlinkSync('/dev/zero', path)],
  ])('is not waited for where %s is in its place', async (_, put) => {
    const { outputs: found } = await outputs(put);
    await expect(found).rejects.toMatchObject({ code: 'stage-record-damaged' });
  });
});

describe('metrics.jsonl from elsewhere', () => {
  it.each([
    ['a named pipe', (path: string) => spawnSync('mkfifo', [path])],
    ['a folder', (path: string) => mkdirSync(path)],
    ['an endless device', (path: string) => symlinkSync('/dev/zero', path)],
    ['a link to itself', (path: string) => symlinkSync('metrics.jsonl', path)],
    ['nothing', () => {}],
  ])('is not waited for where %s is in its place: the record’s summaries are shown', async (_, put) => {
    const { registry } = await received((record, dir) => {
      crash(record);
      rmSync(join(dir, 'metrics.jsonl'));
      put(join(dir, 'metrics.jsonl'));
    });
    const { status, record } = await registry.read('exp-1');
    expect(status).toBe('crashed');
    expect(record.metrics['d_loss']).toMatchObject({ last: 0.7, count: 1 });
  });

  it('loses lines that are very long, or no points, and keeps the others', async () => {
    const point = (step: number) =>
      `${JSON.stringify({ time: '', stage: 'train', step, values: { d_loss: step } })}\n`;
    const { registry } = await received((record, dir) => {
      crash(record);
      const long = JSON.stringify({ time: 'x'.repeat(3e6), stage: 'train', step: 9, values: { d_loss: 9 } });
      const text = [point(2), `${long}\n`, '[1]\n', '{"values":null}\n', point(3), point(4).trimEnd()];
      writeFileSync(join(dir, 'metrics.jsonl'), text.join(''));
    });
    expect((await registry.read('exp-1')).record.metrics['d_loss']).toMatchObject({ count: 2, last: 3 });
  });

  it('may have metrics called like what every object has', async () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const { registry } = await received((record, dir) => {
      crash(record);
      const values = Object.fromEntries(names.map(name => [name, 1]));
      const line = JSON.stringify({ time: '', stage: 'train', step: 1, values });
      writeFileSync(join(dir, 'metrics.jsonl'), `${line}\n`);
    });
    const { metrics } = (await registry.read('exp-1')).record;
    expect(Object.keys(metrics).sort()).toEqual([...names, 'd_accuracy', 'd_loss'].sort());
    expect(metrics['constructor']).toMatchObject({ last: 1, direction: 'none', description: '' });
  });
});

describe('going on with an experiment from elsewhere', () => {
  /** exp-1, interrupted in `train`, and a folder that is none of its business, with a file. */
  async function stopped() {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    const output = await writer.beginStage('train');
    writeFileSync(join(output, 'grid.png'), 'pixels');
    await writer.publish('train', 'grid.png');
    await writer.finish('interrupted', null);
    const outside = temporaryFolder();
    mkdirSync(join(outside, 'train'));
    writeFileSync(join(outside, 'train', 'precious.txt'), 'precious');
    return { registry, dir: writer.dir, outside, precious: join(outside, 'train', 'precious.txt') };
  }

  const resume = (registry: Registry, id = 'exp-1') =>
    registry.reopen(id, { kept: [], declarations: {}, command: ['pipe', 'resume'] });

  it.each([
    'artifacts',
    'stages',
    'stages/train/output',
    'stages/train/log.txt',
    'metrics.jsonl',
    '.resumes',
  ])('is refused where %s leads outside, before anything is written or removed', async name => {
    const { registry, dir, outside, precious } = await stopped();
    const target = /\.\w+$/.test(name) && !name.startsWith('.') ? precious : outside;
    rmSync(join(dir, name), { recursive: true, force: true });
    symlinkSync(target, join(dir, name));
    await expect(resume(registry)).rejects.toMatchObject({
      code: 'leading-link',
      exitCode: 2,
      message: `exp-1 has a symbolic link that leads out of it: ${name}: it is not written to`,
      details: [`It leads to ${target}.`],
    });
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    expect(readdirSync(outside)).toEqual(['train']);
  });

  it('is refused where a link leads to what is not there yet', async () => {
    const { registry, dir, outside } = await stopped();
    rmSync(join(dir, 'stages/train/log.txt'), { force: true });
    symlinkSync(join(outside, 'new.sh'), join(dir, 'stages/train/log.txt'));
    await expect(resume(registry)).rejects.toMatchObject({ code: 'leading-link' });
    expect(existsSync(join(outside, 'new.sh'))).toBe(false);
  });

  it('is refused where the experiment itself is a link', async () => {
    const { registry, dir } = await stopped();
    renameSync(dir, join(dirname(dir), 'elsewhere'));
    symlinkSync('elsewhere', dir);
    expect((await registry.read('exp-1')).status).toBe('interrupted');
    await expect(resume(registry)).rejects.toThrow('exp-1 is a symbolic link: it is not written to');
  });

  it('takes links that stay inside, such as those of a user’s stage', async () => {
    const { registry, dir } = await stopped();
    symlinkSync('grid.png', join(dir, 'stages/train/output/newest.png'));
    await (await resume(registry)).finish('finished', null);
  });

  it.each([
    ['no JSON', '{'],
    ['another JSON', '[null]'],
    ['nothing', ''],
  ])('is not held up by a .resumes/1/process.json that holds %s', async (_, text) => {
    const { registry, dir } = await stopped();
    mkdirSync(join(dir, '.resumes', '1'), { recursive: true });
    writeFileSync(join(dir, '.resumes', '1', 'process.json'), text);
    await (await resume(registry)).finish('finished', null);
  });
});
