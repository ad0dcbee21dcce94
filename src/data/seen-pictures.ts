/** The pictures that a model was trained on, so that it can be told later which pictures of a data set it has seen. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainedModelArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { readWhole } from '../storage/read-file.ts';
import { fileFailure } from './file-failure.ts';
import { eachDigest, type Compared } from './picture-digests.ts';

/** Its pictures' digests: see `trained-model`. */
type TrainedOn = NonNullable<TrainedModelArtifact['trainedOn']>;

const FILE = 'trained-on.bin';
/** Bytes of a digest that are kept: among millions of pictures, two are not expected to have the same ones. */
const BYTES = 8;

/**
 * Writes the digests of a data set's pictures into a folder: the first 8 bytes of the SHA-256 of a picture's uint8 bytes, ascending,
 * equal ones once. So the file depends on the set of pictures alone.
 *
 * @throws Interrupted when the signal is aborted
 */
export async function writeSeenPictures(
  dir: string,
  pictures: Compared,
  signal?: AbortSignal,
): Promise<TrainedOn> {
  const digests = new BigUint64Array(pictures.artifact.count);
  await eachDigest(pictures, signal, (digest, index) => {
    digests[index] = digest.readBigUInt64BE();
  });
  const seen = digests.sort().filter((digest, at) => at === 0 || digest !== digests[at - 1]);
  const bytes = Buffer.alloc(BYTES * seen.length);
  for (const [at, digest] of seen.entries()) bytes.writeBigUInt64BE(digest, BYTES * at);
  const path = join(dir, FILE);
  // The file of an earlier try may be shared with other experiments.
  await writeFile(`${path}.tmp`, bytes);
  await rename(`${path}.tmp`, path);
  return { file: FILE, count: seen.length };
}

/**
 * Indices of the pictures of a data set that a model was trained on, ascending; `unknown` of a model whose training did not record
 * its pictures.
 *
 * @throws Failure when the model's file is damaged or cannot be read; Interrupted when the signal is aborted
 */
export async function seenPictures(
  { dir, trainedOn }: Pick<TrainedModelArtifact, 'dir' | 'trainedOn'>,
  pictures: Compared,
  signal?: AbortSignal,
): Promise<Uint32Array | 'unknown'> {
  if (trainedOn === undefined) return 'unknown';
  const digests = await readDigests(join(dir, trainedOn.file), trainedOn.count);
  const seen: number[] = [];
  await eachDigest(pictures, signal, (digest, index) => {
    if (includes(digests, digest.readBigUInt64BE())) seen.push(index);
  });
  return Uint32Array.from(seen);
}

async function readDigests(path: string, count: number): Promise<BigUint64Array> {
  const bytes = await readWhole(path, () => true).catch((error: unknown) => {
    throw fileFailure(error, path, 'read');
  });
  if (bytes.length !== BYTES * count)
    throw damaged(path, `has ${bytes.length} bytes; the digests of ${count} pictures have ${BYTES * count}`);
  const digests = BigUint64Array.from({ length: count }, (_, at) => bytes.readBigUInt64BE(BYTES * at));
  if (digests.some((digest, at) => at > 0 && digest <= (digests[at - 1] as bigint)))
    throw damaged(path, 'is damaged: its digests are not in ascending order');
  return digests;
}

const damaged = (path: string, fault: string): Failure =>
  new Failure({
    code: 'damaged-trained-on',
    message: `${printable(path)} ${fault}`,
    hint: 'pipe verify names what else of the experiment is damaged; train the model again, or copy the file from where it is whole',
  });

/** Binary search. */
function includes(sorted: BigUint64Array, wanted: bigint): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as bigint) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
