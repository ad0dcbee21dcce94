/** Images of one size in one buffer: uint8 `[count, height, width, channels]`. */
export interface ImageBatch {
  readonly images: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (RGB). */
  readonly channels: number;
}

/** @throws Error when the numbers of a batch are inconsistent. */
export function checkBatch({ images, count, height, width, channels }: ImageBatch): void {
  if (channels !== 1 && channels !== 3) throw new Error(`images of ${channels} channels cannot be drawn`);
  const expected = count * height * width * channels;
  if (images.length !== expected)
    throw new Error(
      `${count} images of ${width}×${height}×${channels} are ${expected} bytes, not ${images.length}`,
    );
}

/** The bytes of one image of a batch, `[height, width, channels]`, not copied. */
export function imageAt({ images, height, width, channels }: ImageBatch, index: number): Uint8Array {
  const size = height * width * channels;
  return images.subarray(index * size, (index + 1) * size);
}
