import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Pax } from 'tar';
import { beforeEach, describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/core/failure.ts';
import { readArchive } from '../../src/data/archive.ts';
import { temporaryFolder } from '../rig/stage-context.ts';
import { failureOf, pack, rawArchive, writeFiles } from './rig.ts';

const never = new AbortController().signal;
let folder = '';

beforeEach(async () => {
  folder = await temporaryFolder();
});

async function contents(archive: string, signal = never): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  await readArchive(archive, signal, async ({ path, read }) => {
    found[path] = (await read()).toString();
  });
  return found;
}

/** An archive of 1 MB that does not compress. */
async function largeArchive(name: string): Promise<string> {
  const noise = Buffer.alloc(1 << 20);
  for (let at = 0, state = 1; at < noise.length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise.writeUInt32LE(state, at);
  }
  await writeFiles(folder, { 'large.bin': noise });
  return pack(folder, name, ['large.bin']);
}

async function hostile(...entries: Parameters<typeof rawArchive>[0]): Promise<string> {
  const path = join(folder, 'hostile.tar.gz');
  await writeFile(path, rawArchive(entries));
  return path;
}

describe('an archive', () => {
  it.each(['files.tar.gz', 'files.tar'])('is read file by file: %s', async name => {
    await writeFiles(folder, { 'a/one.txt': '1', 'two.txt': '22', 'empty.txt': '' });
    const archive = await pack(folder, name, ['two.txt', 'a', 'empty.txt']);
    expect(await contents(archive)).toEqual({ 'two.txt': '22', 'a/one.txt': '1', 'empty.txt': '' });
  });

  it('passes over what nobody reads', async () => {
    const archive = await largeArchive('large.tar.gz');
    const seen: number[] = [];
    await readArchive(archive, never, ({ size }) => void seen.push(size));
    expect(seen).toEqual([1 << 20]);
  });

  it.each(['cut.tar.gz', 'cut.tar'])('that is truncated is said to be: %s', async name => {
    const archive = await largeArchive(name);
    await truncate(archive, 500_000);
    const failure = await failureOf(contents(archive));
    expect(failure.code).toBe('truncated-archive');
    expect(failure.message).toContain(`${archive} ends too early`);
  });

  it('that is truncated between two files is said to be', async () => {
    const whole = gunzipSync(rawArchive([{ path: 'one', content: '1' }, { path: 'two' }]));
    const archive = join(folder, 'cut.tar');
    await writeFile(archive, whole.subarray(0, 1024));
    expect((await failureOf(contents(archive))).code).toBe('truncated-archive');
  });

  it('that is damaged or something else is said to be', async () => {
    const damaged = rawArchive([{ path: 'one', content: 'x'.repeat(5000) }]);
    damaged.fill(0xff, 30, 60);
    await writeFiles(folder, {
      'damaged.tar.gz': damaged,
      'text.tar.gz': 'Not found',
      'empty.tar.gz': '',
      'noise.tar.gz': gzipSync('no tar in here'.repeat(100)),
    });
    for (const name of ['damaged', 'text', 'empty', 'noise']) {
      const failure = await failureOf(contents(join(folder, `${name}.tar.gz`)));
      expect(failure.message).toMatch(/cannot be read as a (\.tar\.gz|tar) archive|ends too early/);
    }
  });

  it('that is not there is said not to be', async () => {
    expect((await failureOf(contents(join(folder, 'x.tar.gz')))).message).toMatch(
      /x\.tar\.gz: it does not exist/,
    );
  });

  it.each([
    [{ path: '../../outside.txt' }, 'leads outside'],
    [{ path: 'a/../../outside.txt' }, 'leads outside'],
    [{ path: '/etc/outside.txt' }, 'an absolute path'],
    [{ path: 'C:\\outside.txt' }, 'an absolute path'],
    [{ path: 'here', type: 'SymbolicLink', linkpath: '/etc/passwd' }, 'a link'],
    [{ path: 'here', type: 'Link', linkpath: 'there' }, 'a link'],
    [{ path: 'here', type: 'CharacterDevice' }, 'a device'],
    [{ path: 'here', type: 'BlockDevice' }, 'a device'],
    [{ path: 'here', type: 'FIFO' }, 'a pipe'],
  ] as const)('with the entry %o is refused', async (entry, reason) => {
    const seen: string[] = [];
    const archive = await hostile({ path: 'good.txt' }, entry, { path: 'after.txt' });
    const failure = await failureOf(readArchive(archive, never, ({ path }) => void seen.push(path)));
    expect(failure.code).toBe('unsafe-archive');
    expect(failure.message).toContain(JSON.stringify(entry.path));
    expect(failure.message).toContain(reason);
    expect(seen).toEqual(['good.txt']);
  });

  it('that unpacks to a hundred times its size is refused before it does', async () => {
    const path = join(folder, 'bomb.tar.gz');
    await writeFile(path, rawArchive([{ path: 'a/zeros.bmp', size: 5e9, content: Buffer.alloc(5e6) }]));
    const seen: string[] = [];
    const failure = await failureOf(readArchive(path, never, entry => void seen.push(entry.path)));
    expect(failure).toMatchObject({
      code: 'archive-bomb',
      message: `${path} is refused: it unpacks to more than 100 times its size`,
    });
    expect(seen).toEqual([]);
  });

  it('with too many entries is refused', async () => {
    const path = await hostile({ path: 'one' }, { path: 'two' }, { path: 'three' });
    const failure = await failureOf(readArchive(path, never, () => {}, 2));
    expect(failure).toMatchObject({
      code: 'archive-bomb',
      message: `${path} is refused: it has more than 2 entries`,
    });
  });

  it('with a name of a hundred thousand letters is refused in a few words', async () => {
    // A name that long stands in an entry of its own before it.
    await writeFiles(folder, { x: '' });
    const path = join(folder, 'long.tar');
    const name = 'x'.repeat(100_000);
    const pax = new Pax({ path: name }).encode();
    const whole = gunzipSync(rawArchive([{ path: 'x' }]));
    await writeFile(path, Buffer.concat([pax, whole]));
    const failure = await failureOf(readArchive(path, never, () => {}));
    expect(failure.code).toBe('unsafe-archive');
    expect(failure.message).toContain('a name of more than 4096 bytes');
    expect(failure.message.length).toBeLessThan(400);
  });

  it('hands on the error of whoever reads it', async () => {
    const archive = await hostile({ path: 'one' }, { path: 'two' });
    const reading = readArchive(archive, never, ({ path }) => {
      throw new Error(`no ${path}, please`);
    });
    await expect(reading).rejects.toThrow('no one, please');
  });

  it('is left when the user interrupts', async () => {
    const archive = await hostile({ path: 'one' }, { path: 'two' });
    const controller = new AbortController();
    const seen: string[] = [];
    const reading = readArchive(archive, controller.signal, ({ path }) => {
      seen.push(path);
      controller.abort();
    });
    await expect(reading).rejects.toThrow(Interrupted);
    await expect(contents(archive, controller.signal)).rejects.toThrow(Interrupted);
  });
});
