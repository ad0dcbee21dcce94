import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure, Interrupted } from '../core/failure.ts';
import { readWhole } from '../storage/read-file.ts';
import { readArchive } from './archive.ts';
import {
  batchFiles,
  checkBatchLength,
  CIFAR_CLASSES,
  decodeBatch,
  isBatchLength,
  type Split,
} from './cifar-format.ts';
import type { DatasetWriter } from './dataset-writer.ts';
import { errorCode } from '../core/system-error.ts';
import { fileFailure } from './file-failure.ts';
import type { Place } from './source-path.ts';

export interface CifarSelection {
  readonly split: Split;
  /** The classes wanted, in the order of their new labels. */
  readonly classes: readonly string[];
  /** At most this many images; Infinity for all. */
  readonly limit: number;
}

/** Receives the content of one batch file. */
type Sink = (path: string, data: Uint8Array) => Promise<void>;

function missing(place: Place, split: Split, files: readonly string[]): Failure {
  return new Failure({
    code: 'missing-files',
    message: `${place.path} lacks ${files.join(', ')}, needed for split: ${split}`,
    hint:
      split === 'all'
        ? 'Complete it from cifar-10-binary.tar.gz, or choose split: train or split: test.'
        : 'Complete it from cifar-10-binary.tar.gz.',
  });
}

async function readFolder(place: Place, split: Split, signal: AbortSignal, sink: Sink): Promise<void> {
  const absent: string[] = [];
  for (const file of batchFiles(split)) {
    const path = join(place.path, file);
    try {
      checkBatchLength(path, (await stat(path)).size);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw fileFailure(error, path, 'read');
      absent.push(file);
    }
  }
  if (absent.length > 0) throw missing(place, split, absent);
  for (const file of batchFiles(split)) {
    if (signal.aborted) throw new Interrupted();
    const path = join(place.path, file);
    const data = await readWhole(path, isBatchLength).catch((error: unknown) => {
      throw fileFailure(error, path, 'read');
    });
    await sink(path, data);
  }
}

/** Reads the batch files of an archive and passes them on in their usual order, whatever their order in the archive. */
async function readPacked(place: Place, split: Split, signal: AbortSignal, sink: Sink): Promise<void> {
  const waiting = [...batchFiles(split)];
  const early = new Map<string, Buffer>();
  await readArchive(place.path, signal, async entry => {
    const name = basename(entry.path);
    if (!waiting.includes(name) || early.has(name)) return;
    const shown = (file: string) => `${place.path} (${file})`;
    checkBatchLength(shown(entry.path), entry.size);
    early.set(name, await entry.read());
    for (let next = waiting[0]; next !== undefined && early.has(next); next = waiting[0]) {
      await sink(shown(next), early.get(next) as Buffer);
      early.delete(next);
      waiting.shift();
    }
  });
  const absent = waiting.filter(name => !early.has(name));
  if (absent.length > 0) throw missing(place, split, absent);
}

/**
 * Reads the selected images into a data set, batch file by batch file.
 *
 * @param onProgress receives the number of images written so far
 * @throws Failure for files that are missing, of a wrong length, with labels above 9, or a damaged archive
 * @throws Interrupted when the signal is aborted
 */
export async function readCifar(
  place: Place,
  { split, classes, limit }: CifarSelection,
  writer: DatasetWriter,
  signal: AbortSignal,
  onProgress: (images: number) => void,
): Promise<void> {
  const newLabels = CIFAR_CLASSES.map(name => classes.indexOf(name));
  const sink: Sink = async (path, data) => {
    const { images, labels } = decodeBatch(path, data, newLabels, limit - writer.count);
    await writer.append(images, labels);
    onProgress(writer.count);
  };
  await (place.kind === 'folder' ? readFolder : readPacked)(place, split, signal, sink);
}
