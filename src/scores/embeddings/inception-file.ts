import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { download, type DownloadOptions, type RemoteFile } from '../../data/download.ts';
import { sha256OfFile } from '../../storage/file-hashes.ts';

const NAME = 'classify_image_graph_def.pb';

/**
 * The Inception graph of 2015-12-05, by which FID and the inception score were defined: the file of
 * http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz, as OpenAI keeps it unpacked for the evaluator of
 * its guided diffusion.
 */
export const INCEPTION_FILE: RemoteFile & { readonly name: string } = {
  name: NAME,
  url: `https://openaipublic.blob.core.windows.net/diffusion/jul-2021/ref_batches/${NAME}`,
  bytes: 95_673_916,
  sha256: '009d6814d1bc560d4e7b236e170e9b2d5ca6f4b57bd8037f6db05776204415c6',
};

export interface InceptionFileOptions extends DownloadOptions {
  /** `$PIPE_HOME`: downloads are kept in its `embeddings/`. */
  readonly home: string;
  /** A file instead of the real one, for tests. */
  readonly remote?: RemoteFile;
}

/**
 * The path of the Inception graph in the cache, where it is downloaded to first.
 * @throws Failure, with alternatives, where it cannot be downloaded, or is another file; Interrupted
 */
export async function downloadInception({
  home,
  remote = INCEPTION_FILE,
  ...options
}: InceptionFileOptions): Promise<string> {
  const path = join(home, 'embeddings', NAME);
  if (!existsSync(path))
    try {
      await download(remote, path, options);
    } catch (error) {
      throw error instanceof Failure ? withWaysOut(error, remote.url, path) : error;
    }
  const found = await sha256OfFile(path);
  if (found === remote.sha256) return path;
  throw new Failure({
    code: 'wrong-checksum',
    message: `${path} is not the Inception graph that was downloaded: its checksum differs`,
    details: [`expected sha256 ${remote.sha256}`, `found    sha256 ${found}`],
    hint: 'Remove it and run again: it is downloaded anew.',
  });
}

function withWaysOut(failure: Failure, url: string, path: string): Failure {
  return new Failure({
    code: failure.code,
    message: failure.message,
    details: [
      ...failure.details,
      'Other ways to continue:',
      `  the file that you have:  name its path: graph of score-reference`,
      `  the file, fetched by other means from ${url}, put at:  ${path}`,
      '  without a network: scores by the classifier cifar10, or by one that a fit stage trained',
    ],
    ...(failure.hint !== undefined && { hint: failure.hint }),
    cause: failure,
  });
}
