import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/core/sha256.ts';
import type { RemoteFile } from '../../../src/data/download.ts';
import { downloadInception, INCEPTION_FILE } from '../../../src/scores/embeddings/inception-file.ts';
import { failureOf, serve, unusedAddress, writeFiles } from '../../data/rig.ts';
import { temporaryFolder } from '../../rig/stage-context.ts';

const content = Buffer.from('a graph');
const { signal } = new AbortController();

const remoteAt = (url: string): RemoteFile => ({ url, bytes: content.length, sha256: sha256(content) });

describe('the file of the Inception graph', () => {
  let home: string;
  let path: string;

  beforeEach(async () => {
    home = await temporaryFolder();
    path = join(home, 'embeddings', 'classify_image_graph_def.pb');
  });

  it('is downloaded once into the cache', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests++;
      response.end(content);
    });
    expect(await downloadInception({ home, signal, remote: remoteAt(url) })).toBe(path);
    expect(await downloadInception({ home, signal, remote: remoteAt(url) })).toBe(path);
    expect(await readFile(path)).toEqual(content);
    expect(requests).toBe(1);
  });

  it('is refused where another one is sent, and not kept', async () => {
    const url = await serve((_, response) => void response.end('a GRAPH'));
    const { code, details } = await failureOf(downloadInception({ home, signal, remote: remoteAt(url) }));
    expect(code).toBe('wrong-checksum');
    expect(details).toContain(
      '  without a network: scores by the classifier cifar10, or by one that a fit stage trained',
    );
    expect(existsSync(path)).toBe(false);
  });

  it('is refused where the one in the cache is damaged', async () => {
    await writeFiles(join(home, 'embeddings'), { 'classify_image_graph_def.pb': 'something else' });
    const failure = await failureOf(downloadInception({ home, signal }));
    expect(failure).toMatchObject({
      code: 'wrong-checksum',
      message: `${path} is not the Inception graph that was downloaded: its checksum differs`,
      hint: 'Remove it and run again: it is downloaded anew.',
    });
    expect(failure.details).toEqual([
      `expected sha256 ${INCEPTION_FILE.sha256}`,
      `found    sha256 ${sha256('something else')}`,
    ]);
  });

  it('can be had in other ways without a network', async () => {
    const url = await unusedAddress();
    const { code, details } = await failureOf(downloadInception({ home, signal, remote: remoteAt(url) }));
    expect(code).toBe('no-network');
    expect(details).toEqual([
      'Other ways to continue:',
      '  the file that you have:  name its path: graph of score-reference',
      `  the file, fetched by other means from ${url}, put at:  ${path}`,
      '  without a network: scores by the classifier cifar10, or by one that a fit stage trained',
    ]);
  });
});
