import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { locateCifar, OFFICIAL_ARCHIVE, type LocateOptions } from '../../src/data/cifar-location.ts';
import { temporaryFolder } from '../rig/stage-context.ts';
import { failureOf, pack, serve, unusedAddress, writeCifar, writeFiles } from './rig.ts';

let root = '';

beforeEach(async () => {
  root = await temporaryFolder();
  for (const name of ['work', 'pipelines', 'home']) await mkdir(join(root, name));
});

const locate = (source: string, options: Partial<LocateOptions> = {}) =>
  locateCifar(source, {
    stage: 'data',
    workingDir: join(root, 'work'),
    pipelineDir: join(root, 'pipelines'),
    home: join(root, 'home'),
    env: {},
    signal: new AbortController().signal,
    ...options,
  });

/** The official archive's stand-in: a tiny CIFAR-10 packed as the official one is, and where it is served. */
async function servedArchive() {
  const folder = await temporaryFolder();
  await writeCifar(join(folder, 'cifar-10-batches-bin'));
  const bytes = await readFile(await pack(folder, 'archive.tar.gz', ['cifar-10-batches-bin']));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  let requests = 0;
  const url = await serve((_, response) => {
    requests++;
    response.end(bytes);
  });
  return { remote: { url, bytes: bytes.length, sha256 }, requests: () => requests };
}

describe('a source that is named', () => {
  it('is a folder of .bin files, or one that holds the official folder or archive', async () => {
    const folder = await writeCifar(join(root, 'a', 'cifar-10-batches-bin'));
    await writeFiles(root, { 'b/cifar-10-binary.tar.gz': '' });
    expect(await locate(folder)).toEqual({ kind: 'folder', path: folder });
    expect(await locate(join(root, 'a'))).toEqual({ kind: 'folder', path: folder });
    const archive = join(root, 'b', 'cifar-10-binary.tar.gz');
    expect(await locate(join(root, 'b'))).toEqual({ kind: 'archive', path: archive });
    expect(await locate(archive)).toEqual({ kind: 'archive', path: archive });
  });

  it('starts in the working folder, and where it is not there, in the pipeline’s', async () => {
    const beside = await writeCifar(join(root, 'pipelines', 'cifar'));
    expect(await locate('cifar')).toEqual({ kind: 'folder', path: beside });
    const here = await writeCifar(join(root, 'work', 'cifar'));
    expect(await locate('cifar')).toEqual({ kind: 'folder', path: here });
  });

  it('that is nowhere is said to be, with the places looked at', async () => {
    const failure = await failureOf(locate('nowhere'));
    expect(failure.message).toBe('data.source: there is no folder or archive nowhere');
    expect(failure.details).toEqual([
      `looked for ${join(root, 'work', 'nowhere')}`,
      `looked for ${join(root, 'pipelines', 'nowhere')}`,
    ]);
  });

  it.each([
    ['cifar-100-binary/train.bin', 'looks like CIFAR-100'],
    ['cifar-10-batches-py/data_batch_1', 'looks like the Python or Matlab version'],
    ['pictures/1.jpg', 'It holds pictures.'],
  ])('that holds %s instead is said to', async (file, guess) => {
    await writeFiles(join(root, 'work', 'other'), { [file]: '' });
    const failure = await failureOf(locate('other'));
    expect(failure.message).toContain('is not a CIFAR-10 folder');
    expect(failure.details.join()).toContain(guess);
  });
});

describe('source: auto', () => {
  it('takes $CIFAR10_DIR first, then data/, then the cache', async () => {
    const cached = await writeCifar(join(root, 'home', 'datasets', 'cifar-10-batches-bin'));
    expect((await locate('auto')).path).toBe(cached);
    const local = await writeCifar(join(root, 'work', 'data', 'cifar-10-batches-bin'));
    expect((await locate('auto')).path).toBe(local);
    const given = await writeCifar(join(root, 'mine'));
    expect((await locate('auto', { env: { CIFAR10_DIR: given } })).path).toBe(given);
  });

  it('does not silently take another when $CIFAR10_DIR is wrong', async () => {
    await writeCifar(join(root, 'work', 'data', 'cifar-10-batches-bin'));
    const failure = await failureOf(locate('auto', { env: { CIFAR10_DIR: join(root, 'wrong') } }));
    expect(failure.message).toContain('$CIFAR10_DIR: there is no folder or archive');
  });

  it('downloads the archive into the cache, once', async () => {
    await mkdir(join(root, 'work', 'data'));
    const { remote, requests } = await servedArchive();
    const path = join(root, 'home', 'datasets', 'cifar-10-binary.tar.gz');
    const progress: number[] = [];
    const onProgress = (done: number) => progress.push(done);
    expect(await locate('auto', { remote, onProgress })).toEqual({ kind: 'archive', path });
    expect(progress.at(-1)).toBe(remote.bytes);
    expect(await locate('auto', { remote })).toEqual({ kind: 'archive', path });
    expect(requests()).toBe(1);
  });

  it('without a network names every way to go on', async () => {
    const remote = { ...OFFICIAL_ARCHIVE, url: await unusedAddress() };
    const failure = await failureOf(locate('auto', { remote }));
    expect(failure.message).toContain('cannot reach 127.0.0.1');
    const ways = failure.details.join('\n');
    expect(ways).toContain('--set data.source=<folder or .tar.gz>');
    expect(ways).toContain(join(root, 'home', 'datasets', 'cifar-10-binary.tar.gz'));
    expect(ways).toContain('--set data.source=synthetic');
  });

  it('with a wrong checksum names the ways as well', async () => {
    const { remote } = await servedArchive();
    const failure = await failureOf(locate('auto', { remote: { ...remote, sha256: '0'.repeat(64) } }));
    expect(failure.code).toBe('wrong-checksum');
    expect(failure.details.join('\n')).toContain('--set data.source=synthetic');
  });
});
