import { Readable } from 'node:stream';
import type { RandomAccessReader } from 'yauzl';
import { rangeOf, type RemoteFile } from './remote-file.ts';
import type { Zip } from './unpack.ts';

/** Bytes that are read ahead, since small members are close to each other. */
const BLOCK = 1 << 20;

interface Yauzl {
  readonly RandomAccessReader: new () => RandomAccessReader;
  fromRandomAccessReaderPromise(reader: RandomAccessReader, size: number, options: object): Promise<Zip>;
}

/** A zip archive on a server; only the parts that are read are fetched. @throws NoRanges */
export async function openRemoteZip(file: RemoteFile, size: number): Promise<Zip> {
  const { default: yauzl } = (await import('yauzl')) as unknown as { readonly default: Yauzl };
  const blocks: { readonly start: number; readonly bytes: Buffer }[] = [
    await block(file, size - BLOCK, size),
  ];
  const within = (start: number, end: number) => {
    const found = blocks.find(({ start: at, bytes }) => start >= at && end <= at + bytes.length);
    return found?.bytes.subarray(start - found.start, end - found.start);
  };
  const read = async function* (start: number, end: number): AsyncGenerator<Buffer> {
    if (within(start, end) === undefined && end - start < BLOCK) blocks[1] = await block(file, start, size);
    const known = within(start, end);
    if (known === undefined) yield* rangeOf(file, start, end);
    else yield known;
  };
  const reader = new (class extends yauzl.RandomAccessReader {
    override _readStreamForRange(start: number, end: number): Readable {
      return Readable.from(read(start, end));
    }
  })();
  return yauzl.fromRandomAccessReaderPromise(reader, size, { autoClose: false });
}

async function block(file: RemoteFile, start: number, size: number) {
  const from = Math.max(0, start);
  const chunks: Buffer[] = [];
  for await (const chunk of rangeOf(file, from, Math.min(from + BLOCK, size))) chunks.push(chunk);
  return { start: from, bytes: Buffer.concat(chunks) };
}
