import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetArtifact } from '../core/artifacts.ts';
import { bytesPerExample } from '../core/artifacts/dataset.ts';
import { Interrupted } from '../core/failure.ts';
import type { Examples } from './dataset.ts';
import { DatasetWriter } from './dataset-writer.ts';
import { fileFailure } from './file-failure.ts';
import { PARTS, type Part, type PartCounts } from './split.ts';

interface Writing {
  /** The folder that gets one folder for each part. */
  readonly dir: string;
  readonly signal: AbortSignal;
  /** Receives the number of examples written so far. */
  readonly onProgress: (done: number) => void;
}

export type WrittenParts = { readonly [P in Part]?: DatasetArtifact };

/**
 * Writes the parts of a data set, each a data set of its own with its examples in their order. The data set is read once from
 * beginning to end, a few megabytes at a time.
 *
 * @param partOf The index of each example's part among `PARTS`.
 * @throws Failure when a file cannot be written, Interrupted when the signal is aborted
 */
export async function writeParts(
  examples: Examples,
  partOf: Uint8Array,
  counts: PartCounts,
  { dir, signal, onProgress }: Writing,
): Promise<WrittenParts> {
  const { artifact } = examples;
  const parts: { readonly part: Part; readonly writer: DatasetWriter }[] = [];
  try {
    for (const part of PARTS.filter(each => counts[each] > 0))
      parts.push({ part, writer: await createWriter(join(dir, part), artifact) });
    let first = 0;
    for (const piece of examples.pieces()) {
      if (signal.aborted) throw new Interrupted();
      const end = first + piece.length / bytesPerExample(artifact);
      for (const { part, writer } of parts) {
        const places = placesOf(PARTS.indexOf(part), partOf.subarray(first, end));
        if (places.length > 0)
          await writer.append(
            chosenExamples(piece, places, artifact),
            chosenAnswers(examples, first, places),
          );
      }
      onProgress((first = end));
    }
    const written: [Part, DatasetArtifact][] = [];
    for (const { part, writer } of parts) written.push([part, await finish(writer, artifact)]);
    return Object.fromEntries(written);
  } finally {
    await Promise.all(parts.map(({ writer }) => writer.close()));
  }
}

async function createWriter(dir: string, { shape, ...sizes }: DatasetArtifact): Promise<DatasetWriter> {
  await mkdir(dir).catch((error: unknown) => {
    throw fileFailure(error, dir, 'write');
  });
  const { height, width, channels } = sizes;
  return DatasetWriter.create(dir, shape === undefined ? { height, width, channels } : { shape });
}

async function finish(writer: DatasetWriter, artifact: DatasetArtifact): Promise<DatasetArtifact> {
  const { classes, source, features, targets, transform } = artifact;
  const about = {
    classes,
    source,
    ...(features && { features }),
    ...(targets && { targets: targets.names }),
  };
  return { ...(await writer.finish(about)), transform };
}

/** The places of a part among consecutive examples. */
function placesOf(part: number, partOf: Uint8Array): readonly number[] {
  const places: number[] = [];
  partOf.forEach((each, place) => {
    if (each === part) places.push(place);
  });
  return places;
}

/** Examples at some places of a piece: bytes of pictures, or numbers. */
function chosenExamples(piece: Uint8Array, places: readonly number[], artifact: DatasetArtifact) {
  const size = bytesPerExample(artifact);
  const bytes = new Uint8Array(places.length * size);
  places.forEach((place, at) => {
    bytes.set(piece.subarray(place * size, (place + 1) * size), at * size);
  });
  return artifact.shape === undefined ? bytes : new Float32Array(bytes.buffer);
}

function chosenAnswers({ labels, targets, artifact }: Examples, first: number, places: readonly number[]) {
  if (targets === undefined) return Uint8Array.from(places, place => labels[first + place] as number);
  const size = artifact.targets?.names.length ?? 0;
  const answers = new Float32Array(places.length * size);
  places.forEach((place, at) => {
    answers.set(targets.subarray((first + place) * size, (first + place + 1) * size), at * size);
  });
  return answers;
}
