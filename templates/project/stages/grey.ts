/** A stage of one's own: takes the colours out of every picture. Change it, and `pipe run` does what follows it anew. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe-dl';

/** How bright red, green and blue look (Rec. 601). */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114];

export default defineStage({
  name: 'grey', // the file's name
  version: 1, // raise it when the outputs change their meaning
  summary: 'Takes the colours out of every picture.',
  params: Type.Object({
    amount: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 1,
      description: 'How much of the colour goes: 0 leaves the pictures as they are, 1 makes them grey.',
    }),
  }),
  inputs: { dataset: { kind: 'dataset', description: 'Pictures with three channels.' } },
  outputs: { dataset: { kind: 'dataset', description: 'The same pictures and labels, greyer.' } },
  async run({ inputs: { dataset }, params: { amount }, outputDir, report }) {
    const images = await readFile(join(dataset.dir, dataset.images)); // uint8 [count, height, width, 3]
    const labels = await readFile(join(dataset.dir, dataset.labels)); // uint8 [count]
    for (let pixel = 0; pixel + 2 < images.length; pixel += 3) {
      const [red = 0, green = 0, blue = 0] = images.subarray(pixel, pixel + 3);
      const grey = RED * red + GREEN * green + BLUE * blue;
      images[pixel] = Math.round(red + amount * (grey - red));
      images[pixel + 1] = Math.round(green + amount * (grey - green));
      images[pixel + 2] = Math.round(blue + amount * (grey - blue));
    }
    await writeFile(join(outputDir, 'images.u8'), images);
    await writeFile(join(outputDir, 'labels.u8'), labels);
    report(`${dataset.count} images, ${Math.round(amount * 100)}% grey`);
    const sha256 = createHash('sha256').update(images).update(labels).digest('hex');
    return { dataset: { ...dataset, dir: outputDir, images: 'images.u8', labels: 'labels.u8', sha256 } };
  },
});
