/** Takes an artifact of a kind of one's own: gives each picture the class whose mean is nearest. Used by ../nearest-mean.yaml. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe';
import { classMeans } from './class-means-kind.ts';

export default defineStage({
  name: 'nearest-mean',
  version: 1,
  summary: 'Measures how often the nearest mean picture is that of the right class.',
  params: Type.Object({}),
  inputs: {
    dataset: { kind: 'dataset', description: 'The pictures to classify.' },
    means: { kind: classMeans, description: 'What to compare them with.' },
  },
  outputs: {},
  metrics: { accuracy: { description: 'The share of pictures that get their own class.', direction: 'max' } },
  run: async ({ inputs: { dataset, means }, emit, report }) => {
    const size = means.height * means.width * means.channels;
    const images = await readFile(join(dataset.dir, dataset.images));
    const labels = await readFile(join(dataset.dir, dataset.labels));
    const values = new Float32Array(Uint8Array.from(await readFile(join(means.dir, means.means))).buffer);
    const distance = (image: number, label: number): number => {
      let sum = 0;
      for (let at = 0; at < size; at++)
        sum += ((images[image * size + at] ?? 0) - (values[label * size + at] ?? 0)) ** 2;
      return sum;
    };
    const right = labels.filter((label, image) => {
      const distances = means.classes.map((_, each) => distance(image, each));
      return distances.indexOf(Math.min(...distances)) === label;
    });
    const accuracy = right.length / labels.length;
    emit({ type: 'metric', step: 1, values: { accuracy } });
    report(`${(100 * accuracy).toFixed(1)} % of ${labels.length} pictures`);
    return {};
  },
});
