import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create, Header } from 'tar';
import { expect, onTestFinished } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Dataset } from '../../src/data/dataset.ts';

/** A CIFAR-10 record: a red, a green and a blue plane, each of one value, but for the first pixel of each plane. */
export function cifarRecord(label: number, rgb: readonly number[], firstPixel = rgb): Buffer {
  const planes = rgb.map((value, plane) => {
    const bytes = Buffer.alloc(1024, value);
    bytes[0] = firstPixel[plane] as number;
    return bytes;
  });
  return Buffer.concat([Buffer.of(label), ...planes]);
}

export const CIFAR_FILES = [...[1, 2, 3, 4, 5].map(n => `data_batch_${n}.bin`), 'test_batch.bin'];

/** A tiny CIFAR-10: each of the six files has ten records, one per class; red tells the file (1 … 6), green the class. */
export async function writeCifar(folder: string, files: readonly string[] = CIFAR_FILES): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    const red = CIFAR_FILES.indexOf(file) + 1;
    const records = Array.from({ length: 10 }, (_, label) => cifarRecord(label, [red, label, 0]));
    await writeFile(join(folder, file), Buffer.concat(records));
  }
  return folder;
}

/** All images of a data set, one behind the other. */
export const allImages = (dataset: Dataset): Buffer =>
  Buffer.concat(Array.from(dataset.pieces(), piece => Buffer.from(piece)));

/** Packs files of a folder, in the order given, into `<folder>/<name>`. */
export async function pack(folder: string, name: string, files: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await create({ cwd: folder, file: path, gzip: name.endsWith('gz'), portable: true }, [...files]);
  return path;
}

interface RawEntry {
  readonly path: string;
  readonly type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'BlockDevice' | 'FIFO';
  readonly linkpath?: string;
  readonly content?: string | Uint8Array;
  /** In bytes, as its header claims; by default that of its content. */
  readonly size?: number;
}

/** A .tar.gz with entries just as they are given, such as a careful program would never write. */
export function rawArchive(entries: readonly RawEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, type = 'File', linkpath, content = '', ...claimed }) => {
    const header = Buffer.alloc(512);
    const bytes = Buffer.from(content);
    const { size = bytes.length } = claimed;
    new Header({ path, type, size, mode: 0o644, ...(linkpath === undefined ? {} : { linkpath }) }).encode(
      header,
    );
    return [header, Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** Writes files from an object: path to content. */
export async function writeFiles(
  root: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

/** A loopback server for the length of a test; answers its address. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
}

/** A loopback address where nothing answers: its server has just been closed. */
export async function unusedAddress(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}/file`;
}

/** The Failure that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const outcome: unknown = await promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Failure);
  return outcome as Failure;
}

/** The folder of real data, or why a test of it is skipped. */
export function realData(name: string): { readonly path: string; readonly missing: boolean } {
  const root = process.env['PIPE_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data');
  const path = join(root, name);
  return { path, missing: !existsSync(path) };
}

/** Tests of file permissions mean nothing to the superuser. */
export const isRoot = process.getuid?.() === 0;
