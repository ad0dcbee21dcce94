/** Makes an artifact of a kind of one's own: the mean picture of each class. Used by ../nearest-mean.yaml. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe';
import { classMeans } from './class-means-kind.ts';

export default defineStage({
  name: 'class-means',
  version: 1,
  summary: 'Averages the pictures of each class.',
  params: Type.Object({}),
  inputs: { dataset: { kind: 'dataset', description: 'Labelled pictures.' } },
  outputs: { means: classMeans },
  run: async ({ inputs: { dataset }, outputDir, report }) => {
    const { dir, classes, height, width, channels } = dataset;
    const size = height * width * channels;
    const images = await readFile(join(dir, dataset.images));
    const labels = await readFile(join(dir, dataset.labels));
    const sums = new Float64Array(classes.length * size);
    const counts = classes.map(() => 0);
    labels.forEach((label, image) => {
      counts[label] = (counts[label] ?? 0) + 1;
      for (let at = 0; at < size; at++)
        sums[label * size + at] = (sums[label * size + at] ?? 0) + (images[image * size + at] ?? 0);
    });
    const means = Float32Array.from(sums, (sum, at) => sum / Math.max(1, counts[Math.floor(at / size)] ?? 0));
    await writeFile(join(outputDir, 'means.f32'), means);
    report(`${labels.length} pictures, ${classes.length} classes`);
    return {
      means: {
        kind: 'class-means',
        dir: outputDir,
        means: 'means.f32',
        classes,
        counts,
        height,
        width,
        channels,
      },
    };
  },
});
