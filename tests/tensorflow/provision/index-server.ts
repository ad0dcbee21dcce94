/** A package index on loopback that has one wheel, and can behave badly. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Release } from '../../../src/tensorflow/provision/release.ts';
import { wheelOf } from './rig.ts';

export interface IndexServer {
  /** With a user and a password. */
  readonly url: string;
  /** Paths that were asked for, with the range: `/files/tiny.whl bytes=0-9`. */
  readonly asked: readonly string[];
  /** Bytes of the wheel that were sent. */
  readonly sent: () => number;
}

export interface Behaviour {
  /** Answers with whole files. */
  readonly noRanges?: boolean;
  /** Breaks the first connections for files after half of what was asked for. */
  readonly cuts?: number;
  /** Every file is this status. */
  readonly status?: number;
  /** Every project page is this status. */
  readonly pageStatus?: number;
  /** The older form of project pages. */
  readonly html?: boolean;
  /** Other bytes in the place of a member's. */
  readonly forged?: { readonly from: string; readonly to: string };
}

const BIG = 'the C API '.repeat(250_000);

const { bytes: wheel, record } = wheelOf({
  'tensorflow/python/keras.py': '# not needed '.repeat(600_000),
  'tensorflow/include/tensorflow/c/c_api.h': '// a header',
  'tensorflow/libtensorflow_cc.so.2': BIG,
  'tensorflow/libtensorflow_framework.so.2': 'the framework',
  'tensorflow/python/layers.py': '# not needed '.repeat(600_000),
});

const sha256 = createHash('sha256').update(wheel).digest('hex');

/** The release that the server's wheel makes. */
export const servedRelease: Release = {
  build: 'cpu',
  title: 'CPU build',
  wheels: [
    { requirement: 'tensorflow_cpu==2.21.0', sha256, bytes: wheel.length, record, neededBytes: BIG.length },
  ],
  platforms: ['manylinux_2_27_x86_64'],
  unpackedBytes: BIG.length,
};

export async function serveIndex(behaviour: Behaviour = {}): Promise<IndexServer> {
  const asked: string[] = [];
  let sent = 0;
  let cuts = behaviour.cuts ?? 0;
  const content = forge(behaviour);
  const sendFile = (request: IncomingMessage, response: ServerResponse) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const isRange = from !== undefined && behaviour.noRanges !== true;
    const body = isRange ? content.subarray(Number(from), Number(to) + 1) : content;
    response.writeHead(isRange ? 206 : 200, {
      'content-length': body.length,
      ...(isRange && { 'content-range': `bytes ${from}-${to}/${content.length}` }),
    });
    const isCut = cuts > 0;
    cuts -= 1;
    const part = isCut ? body.subarray(0, body.length / 2) : body;
    sent += part.length;
    response.write(part, () => (isCut ? response.destroy() : response.end()));
  };
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers.range].filter(Boolean).join(' '));
    const isFile = request.url?.startsWith('/files/') === true;
    const status = isFile ? behaviour.status : behaviour.pageStatus;
    if (request.headers.authorization !== `Basic ${btoa('me:s3cret')}`) response.writeHead(401).end();
    else if (status !== undefined) response.writeHead(status).end();
    else if (isFile) sendFile(request, response);
    else response.end(behaviour.html === true ? HTML : JSON.stringify(PAGE));
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://me:s3cret@127.0.0.1:${port}/simple`, asked, sent: () => sent };
}

const PAGE = {
  meta: { 'api-version': '1.1' },
  files: [
    { url: '../../files/other.whl', hashes: { sha256: '0'.repeat(64) } },
    { url: '../../files/tiny.whl', hashes: { sha256 } },
  ],
};

const HTML = `<!DOCTYPE html><a href="../../files/other.whl#sha256=${'0'.repeat(64)}">other</a>
<a href="../../files/tiny.whl#sha256=${sha256}" data-requires-python="&gt;=3.9">tiny</a>`;

function forge({ forged }: Behaviour): Buffer {
  if (forged === undefined) return wheel;
  const copy = Buffer.from(wheel);
  copy.write(forged.to, copy.indexOf(forged.from));
  return copy;
}
