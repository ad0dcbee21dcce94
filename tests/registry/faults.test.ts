import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/registry/index.ts';
import { runMain } from '../cli/run-main.ts';
import { newExperiment } from './experiment.ts';
import { smallFileSystem, startWriter, temporaryFolder, temporaryRegistry } from './rig.ts';

describe('when the disk does not play along', () => {
  it('a removed experiment folder stops the run, and does not come back', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    await writer.beginStage('train');
    renameSync(writer.dir, `${writer.dir}-moved`);
    const gone = `the folder ${writer.dir} is gone: it was removed or renamed while it was being written`;
    expect(() => writer.metric('train', { type: 'metric', step: 1, values: { a: 1 } }, {})).toThrow(gone);
    expect(() => writer.log('train', 'text')).toThrow(gone);
    await expect(writer.publish('train', 'x')).rejects.toThrow(gone);
    await expect(writer.endStage('train', { status: 'ran', report: null, reason: null }, {})).rejects.toThrow(
      gone,
    );
    await expect(writer.finish('failed', null)).rejects.toThrow(gone);
    expect(await registry.list()).toEqual({ experiments: [], unreadable: [] });
  });

  it('a stage whose results cannot be recorded has not ended well', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    await writer.beginStage('train');
    const path = join(writer.dir, 'stages', 'train', 'stage.json');
    mkdirSync(path);
    await expect(writer.endStage('train', { status: 'ran', report: null, reason: null }, {})).rejects.toThrow(
      `cannot write ${path}: it is a folder, not a file (EISDIR)`,
    );
    await writer.finish('failed', null);
    const { record } = await registry.read('exp-1');
    expect(record.stages.map(({ status }) => status)).toEqual(['pending', 'failed']);
  });

  it('a folder that goes while its metrics are looked through stops the run the same way', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    await writer.beginStage('train');
    writer.metric('train', { type: 'metric', step: 1, values: { a: 1 } }, {});
    writer.flushMetrics();
    const keep = () => {
      renameSync(writer.dir, `${writer.dir}-moved`);
      return true;
    };
    expect(() => writer.keepMetrics('train', keep, {})).toThrow(
      `cannot read ${join(writer.dir, 'metrics.jsonl')}: it does not exist (ENOENT)`,
    );
  });

  it('a registry that is a file is named, with the cause', async () => {
    const file = join(temporaryFolder(), 'experiments');
    writeFileSync(file, '');
    await expect(openRegistry(file).claim(newExperiment())).rejects.toThrow(
      `cannot write ${file}: something else of that name is in the way (EEXIST)`,
    );
    await expect(openRegistry(file).list()).rejects.toThrow(
      `cannot read ${file}: a part of the path is a file, not a folder (ENOTDIR)`,
    );
  });

  it.skipIf(process.getuid?.() === 0)('a folder without permission is named, with the way out', async () => {
    const dir = join(temporaryFolder(), 'experiments');
    mkdirSync(dir);
    chmodSync(dir, 0o555);
    await expect(openRegistry(dir).claim(newExperiment())).rejects.toMatchObject({
      message: `cannot write ${dir}: permission denied (EACCES)`,
      hint: expect.stringContaining('--experiments') as string,
    });
    chmodSync(dir, 0o755);
  });

  it('a file-size limit ends the run with the path and the cause; what was there stays whole', async () => {
    const registry = temporaryRegistry();
    const { subprocess } = await startWriter('write', registry.dir, 512);
    const { stdout, exitCode } = await subprocess;
    expect(stdout).toMatch(
      /failed storage: cannot write .*\/exp-1\/.*: the file-size limit is reached \(EFBIG\)$/,
    );
    expect(exitCode).toBe(1);
    const { record, status } = await registry.read('exp-1');
    expect(status).toBe('crashed');
    expect(record.metrics['loss']?.count).toBeGreaterThan(0);
    // The batch that did not fit was cut off again.
    expect(readFileSync(join(registry.dir, 'exp-1', 'stages', 'train', 'log.txt'), 'utf8')).toMatch(/\d\n$/);
  });

  it('a full disk ends the run with the path and the cause; what was there stays whole', async context => {
    const folder = smallFileSystem();
    if (folder === undefined) return context.skip('only a user who may mount can fill a small file system');
    const registry = openRegistry(join(folder, 'experiments'));
    const { subprocess } = await startWriter('write', registry.dir);
    const { stdout, exitCode } = await subprocess;
    expect(stdout).toMatch(/failed storage: cannot write .*: the disk is full \(ENOSPC\)$/);
    expect(exitCode).toBe(1);
    const { record, status } = await registry.read('exp-1');
    expect(status).toBe('crashed');
    expect(record.metrics['loss']?.count).toBeGreaterThan(0);
    const filler = join(folder, 'filler');
    expect(() => {
      for (;;) appendFileSync(filler, Buffer.alloc(4096));
    }).toThrow('ENOSPC');
    await expect(registry.claim(newExperiment())).rejects.toThrow('the disk is full (ENOSPC)');
    expect((await registry.list()).experiments).toHaveLength(1);
    rmSync(filler);
    rmSync(join(registry.dir, 'exp-1', 'stages'), { recursive: true });
    const next = await registry.claim(newExperiment());
    expect(next.id).toBe('exp-2');
    await next.finish('finished', null);
  });

  it('a read-only file system is named, and read all the same', async context => {
    const folder = smallFileSystem();
    if (folder === undefined)
      return context.skip('only a user who may mount can make a read-only file system');
    const registry = openRegistry(folder);
    await (await registry.claim(newExperiment())).finish('finished', null);
    spawnSync('mount', ['-o', 'remount,ro', folder]);
    await expect(registry.claim(newExperiment())).rejects.toMatchObject({
      message: `cannot write ${folder}: the file system is read-only (EROFS)`,
      hint: expect.stringContaining('use another place') as string,
    });
    expect((await registry.find('latest')).id).toBe('exp-1');
    expect((await registry.summaries()).experiments).toHaveLength(1);
    for (const command of [
      ['list'],
      ['show', 'exp-1'],
      ['compare', 'exp-1'],
      ['verify'],
      ['tag'],
      ['restore'],
    ]) {
      const { exitCode, stderr } = await runMain([...command, '--experiments', folder], folder);
      expect(exitCode, `pipe ${command.join(' ')}: ${stderr}`).toBe(0);
    }
  });
});
