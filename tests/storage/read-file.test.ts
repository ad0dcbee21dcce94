import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRegular, readRegularFile } from '../../src/storage/read-file.ts';
import { temporaryFolder } from '../registry/rig.ts';

/** A file of five bytes, and what may be in the place of one. */
function files() {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  writeFileSync(path('file'), 'bytes');
  mkdirSync(path('folder'));
  execFileSync('mkfifo', [path('pipe')]);
  return path;
}

describe('a bounded read', () => {
  it('returns a file that is not larger than the limit', () => {
    const path = files();
    expect(readRegular(path('file')).toString()).toBe('bytes');
    expect(readRegularFile(path('file'), 5)).toEqual({ content: Buffer.from('bytes') });
  });

  it.each([
    ['file', 4, 'too-large'],
    ['folder', 100, 'not-a-file'],
    ['pipe', 100, 'not-a-file'],
    ['nothing', 100, 'missing'],
    ['file/below', 100, 'missing'],
  ])('names the problem of %s with a limit of %i bytes: %s', (name, limit, problem) => {
    expect(readRegularFile(files()(name), limit)).toEqual({ problem });
  });

  it('throws a failure that names the file', () => {
    const path = files();
    expect(() => readRegular(path('file'), 4)).toThrow(`cannot read ${path('file')}: it is far too large`);
    expect(() => readRegular(path('pipe'))).toThrow(`${path('pipe')} is not a file`);
  });
});
