/**
 * Images with left and right exchanged.
 * @param images `[B, H, W, C] uint8`
 * @param shape `[H, W, C]`
 */
export function mirrorImages(images: Uint8Array, [, width = 1, channels = 1]: readonly number[]): Uint8Array {
  const mirrored = new Uint8Array(images.length);
  const row = width * channels;
  for (let start = 0; start < images.length; start += row)
    for (let x = 0; x < width; x++) {
      const from = start + (width - 1 - x) * channels;
      mirrored.set(images.subarray(from, from + channels), start + x * channels);
    }
  return mirrored;
}
