import fs, { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { move } from '../../src/storage/move.ts';
import { finishedExperiment, temporaryFolder, temporaryRegistry } from '../registry/rig.ts';

const { renameSync } = fs;

afterEach(() => {
  fs.renameSync = renameSync;
  syncBuiltinESMExports();
});

/** As on a network disk whose server's reply was lost: each rename is done, and the second try finds nothing to rename. */
function loseReplies(): void {
  fs.renameSync = (from, to) => {
    renameSync(from, to);
    renameSync(from, to);
  };
  syncBuiltinESMExports();
}

describe('a rename whose reply was lost', () => {
  it('was done', async () => {
    loseReplies();
    const registry = temporaryRegistry();
    await finishedExperiment(registry);
    expect((await registry.read('exp-1')).status).toBe('finished');
  });

  it('was not done where the target is something else', () => {
    const folder = temporaryFolder();
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, 'new');
    mkdirSync(to);
    writeFileSync(join(to, 'old'), 'old');
    fs.renameSync = () => {
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    };
    syncBuiltinESMExports();
    expect(() => move(from, to)).toThrow('no such file');
    expect(readFileSync(join(to, 'old'), 'utf8')).toBe('old');
  });
});
