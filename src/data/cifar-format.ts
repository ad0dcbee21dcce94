import { Failure } from '../core/failure.ts';

/** The classes in the order of their labels. */
export const CIFAR_CLASSES: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

export const CIFAR_SHAPE = { height: 32, width: 32, channels: 3 } as const;

export type Split = 'all' | 'train' | 'test';

const PIXELS = CIFAR_SHAPE.height * CIFAR_SHAPE.width;
const IMAGE_BYTES = PIXELS * CIFAR_SHAPE.channels;
/** A label byte, then the picture, plane by plane. */
const RECORD_BYTES = 1 + IMAGE_BYTES;
/** CIFAR-100 has two label bytes. */
const CIFAR_100_RECORD_BYTES = RECORD_BYTES + 1;
/** Size of all 50,000 training images in one file; larger files are refused. */
const MAX_FILE_BYTES = 50_000 * RECORD_BYTES;

const TRAIN_FILES = [1, 2, 3, 4, 5].map(number => `data_batch_${number}.bin`);
const TEST_FILES = ['test_batch.bin'];

/** The files of a split in the order in which their images are stacked. */
export function batchFiles(split: Split): readonly string[] {
  return { all: [...TRAIN_FILES, ...TEST_FILES], train: TRAIN_FILES, test: TEST_FILES }[split];
}

const HOW_TO_GET = 'Get cifar-10-binary.tar.gz (the “binary version”) and give it, or the folder in it.';

function describeLength(bytes: number): string {
  if (bytes === 0) return 'it is empty';
  if (bytes % CIFAR_100_RECORD_BYTES === 0)
    return `its ${bytes} bytes are records of ${CIFAR_100_RECORD_BYTES}, the length of CIFAR-100`;
  if (bytes > MAX_FILE_BYTES) return `it has ${bytes} bytes, at most ${MAX_FILE_BYTES} are possible`;
  return `its ${bytes} bytes are no multiple of ${RECORD_BYTES}: it is cut short, or something else`;
}

/** True for a possible length of a CIFAR-10 batch. */
export const isBatchLength = (bytes: number): boolean =>
  bytes > 0 && bytes % RECORD_BYTES === 0 && bytes <= MAX_FILE_BYTES;

/** @throws Failure for any other length. */
export function checkBatchLength(path: string, bytes: number): void {
  if (isBatchLength(bytes)) return;
  throw new Failure({
    code: 'not-cifar-10',
    message: `${path} is not a CIFAR-10 batch: ${describeLength(bytes)}`,
    details: [`A CIFAR-10 record has ${RECORD_BYTES} bytes: 1 label, then 1,024 red, green and blue bytes.`],
    hint: HOW_TO_GET,
  });
}

/** Red, green and blue planes to pixels: `[C, H, W]` to `[H, W, C]`. */
function interleave(planes: Uint8Array, into: Uint8Array): void {
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    into[3 * pixel] = planes[pixel] as number;
    into[3 * pixel + 1] = planes[PIXELS + pixel] as number;
    into[3 * pixel + 2] = planes[2 * PIXELS + pixel] as number;
  }
}

/**
 * Decodes a batch file: the records of wanted classes, at most `limit` of them, in file order.
 *
 * @param newLabels the new label of each old one, -1 for classes that are left out
 * @returns `[B, 32, 32, 3]` uint8 and `[B]` uint8
 * @throws Failure for a wrong length or a label above 9, naming `path`
 */
export function decodeBatch(
  path: string,
  data: Uint8Array,
  newLabels: readonly number[],
  limit: number,
): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  checkBatchLength(path, data.length);
  const wanted: number[] = [];
  for (let start = 0; start < data.length; start += RECORD_BYTES) {
    const label = data[start] as number;
    if (label >= CIFAR_CLASSES.length)
      throw new Failure({
        code: 'bad-label',
        message: `${path} is not a CIFAR-10 batch: record ${start / RECORD_BYTES + 1} has the label ${label}, above 9`,
        hint: HOW_TO_GET,
      });
    if (wanted.length < limit && newLabels[label] !== -1) wanted.push(start);
  }
  const images = new Uint8Array(wanted.length * IMAGE_BYTES);
  const labels = new Uint8Array(wanted.length);
  wanted.forEach((start, place) => {
    labels[place] = newLabels[data[start] as number] as number;
    interleave(
      data.subarray(start + 1, start + RECORD_BYTES),
      images.subarray(place * IMAGE_BYTES, (place + 1) * IMAGE_BYTES),
    );
  });
  return { images, labels };
}
