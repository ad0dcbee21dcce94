import { createHash } from 'node:crypto';
import { existsSync, watch } from 'node:fs';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/core/failure.ts';
import { download } from '../../src/data/download.ts';
import { almostFullFileSystem } from '../registry/rig.ts';
import { temporaryFolder } from '../rig/stage-context.ts';
import { failureOf, isRoot, serve, unusedAddress, writeFiles } from './rig.ts';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) >> 3));
const sha256 = createHash('sha256').update(content).digest('hex');
const { signal } = new AbortController();

let path = '';
/** The ranges asked for, in order. */
let ranges: (string | undefined)[] = [];

beforeEach(async () => {
  path = join(await temporaryFolder(), 'datasets', 'file.tar.gz');
  ranges = [];
});

const file = (url: string) => ({ url, bytes: content.length, sha256 });

/** Answers the whole file, or the range asked for. */
function answerRanges(request: IncomingMessage, response: ServerResponse): void {
  ranges.push(request.headers.range);
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = content.subarray(start);
  const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length, ...(start > 0 ? range : {}) });
  response.end(rest);
}

/** Answers ranges as well, but cuts each connection after so many bytes. */
const cutAfter = (bytes: number) => (request: IncomingMessage, response: ServerResponse) => {
  ranges.push(request.headers.range);
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = content.subarray(start);
  response.writeHead(206, {
    'content-length': rest.length,
    'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
  });
  if (rest.length <= bytes) response.end(rest);
  else response.write(rest.subarray(0, bytes), () => response.destroy());
};

const leavePart = (bytes: Uint8Array) => writeFiles(dirname(path), { 'file.tar.gz.part': bytes });

async function expectComplete(): Promise<void> {
  expect(Buffer.compare(await readFile(path), content)).toBe(0);
  expect(existsSync(`${path}.part`)).toBe(false);
}

describe('a download', () => {
  it('puts the file in its place, telling its progress', async () => {
    const progress: number[] = [];
    const onProgress = (done: number, total: number) => progress.push(done / total);
    await download(file(await serve(answerRanges)), path, { signal, onProgress });
    await expectComplete();
    expect(progress.at(-1)).toBe(1);
  });

  it('goes on from what an earlier one left', async () => {
    await leavePart(content.subarray(0, 120_000));
    await download(file(await serve(answerRanges)), path, { signal });
    await expectComplete();
    expect(ranges).toEqual(['bytes=120000-']);
  });

  it('asks for nothing when an earlier one had everything', async () => {
    await leavePart(content);
    await download(file(await serve(answerRanges)), path, { signal });
    await expectComplete();
    expect(ranges).toEqual([]);
  });

  it('begins anew where the server knows no ranges', async () => {
    await leavePart(content.subarray(0, 120_000));
    await download(file(await serve((_, response) => response.end(content))), path, { signal });
    await expectComplete();
  });

  it('takes up a connection that is cut', async () => {
    // What had not been read yet when it was cut is lost.
    await download(file(await serve(cutAfter(100_000))), path, { signal, resumes: 20 });
    await expectComplete();
    expect(ranges.length).toBeGreaterThan(2);
  });

  it('gives up on connections that are always cut, and keeps what has come', async () => {
    const url = await serve(cutAfter(10_000));
    const failure = await failureOf(download(file(url), path, { signal, resumes: 1 }));
    expect(failure.code).toBe('connection-cut');
    expect(failure.message).toMatch(/broke off at \d+ of 300000 bytes/);
    expect(failure.hint).toContain('continues from there');
    await download(file(await serve(answerRanges)), path, { signal });
    await expectComplete();
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]/);
  });

  it('of another content is refused and removed, so that the next try begins anew', async () => {
    const altered = Buffer.from(content);
    altered[5] = (altered[5] as number) ^ 1;
    const url = await serve((_, response) => response.end(altered));
    const failure = await failureOf(download(file(url), path, { signal }));
    expect(failure.code).toBe('wrong-checksum');
    expect(failure.details.join('\n')).toContain(sha256);
    expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false]);
  });

  it('of another length is refused before anything is written', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 12 });
      response.end('Please log in');
    });
    const failure = await failureOf(download(file(url), path, { signal }));
    expect(failure.message).toContain('offers 12 bytes where 300000 are expected');
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it('that never ends is cut off', async () => {
    const url = await serve((_, response) => {
      const flood = () => void (response.destroyed || response.write(content, flood));
      flood();
    });
    expect((await failureOf(download(file(url), path, { signal }))).code).toBe('wrong-checksum');
  });

  it('onto a disk that is full says so, and goes on when there is room', async context => {
    const disk = almostFullFileSystem(280);
    if (disk === undefined) return context.skip('only a user who may mount can fill a small file system');
    path = join(disk.folder, 'file.tar.gz');
    const url = await serve(answerRanges);
    const failure = await failureOf(download(file(url), path, { signal }));
    expect(failure.message).toBe(`cannot write ${path}.part: the disk is full (ENOSPC)`);
    disk.makeRoom();
    await download(file(url), path, { signal });
    await expectComplete();
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]/);
  });

  it('that the server refuses says with which answer', async () => {
    const url = await serve((_, response) => {
      response.writeHead(404);
      response.end('gone');
    });
    expect((await failureOf(download(file(url), path, { signal }))).message).toBe(
      `${url} answered 404 Not Found`,
    );
  });

  it('without a network says which host cannot be reached', async () => {
    const failure = await failureOf(download(file(await unusedAddress()), path, { signal }));
    expect(failure.code).toBe('no-network');
    expect(failure.message).toMatch(/^cannot reach 127\.0\.0\.1:\d+ to download .* \(ECONNREFUSED\)$/);
    expect(existsSync(dirname(path))).toBe(false);
  });

  it('stops when the user interrupts, and keeps what has come', async () => {
    const controller = new AbortController();
    const url = await serve((request, response) => {
      ranges.push(request.headers.range);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 50_000));
    });
    await mkdir(dirname(path));
    const watcher = watch(dirname(path), () => {
      controller.abort();
    });
    await expect(download(file(url), path, { signal: controller.signal })).rejects.toThrow(Interrupted);
    watcher.close();
    expect(existsSync(`${path}.part`)).toBe(true);
  });

  it('twice at the same time does no harm', async () => {
    const url = await serve(answerRanges);
    await Promise.all([download(file(url), path, { signal }), download(file(url), path, { signal })]);
    await expectComplete();
  });

  it('does not overwrite a file where its folder should be', async () => {
    await writeFiles(dirname(dirname(path)), { datasets: 'in the way' });
    const failure = await failureOf(download(file(await serve(answerRanges)), path, { signal }));
    expect(failure.message).toMatch(/cannot write .*: a part of the path is a file, not a folder/);
  });

  it.skipIf(isRoot)('into a folder without permission says so', async () => {
    await leavePart(content);
    await chmod(dirname(path), 0o500);
    await chmod(`${path}.part`, 0o400);
    const failure = await failureOf(download(file(await serve(answerRanges)), path, { signal }));
    expect(failure.message).toMatch(/permission denied/);
  });
});
