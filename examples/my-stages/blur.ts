/** A stage of one's own: blurs every picture of a data set. Used by ../blur.yaml as `use: ./my-stages/blur.ts`. */
import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Interrupted, Type } from 'pipe';
import { boxBlur } from './box-blur.ts';

/** Images read, blurred and written at a time: memory stays small for a data set of any size. */
const AT_ONCE = 500;

export default defineStage({
  name: 'blur',
  version: 1,
  summary: 'Blurs every picture with a box filter.',
  params: Type.Object({
    radius: Type.Integer({
      minimum: 1,
      maximum: 16,
      default: 1,
      description: 'How far the filter reaches, in pixels: 1 averages squares of 3×3.',
    }),
  }),
  inputs: { dataset: { kind: 'dataset', description: 'The pictures to blur.' } },
  outputs: { dataset: { kind: 'dataset', description: 'The same pictures and labels, blurred.' } },
  outline: (_params, { dataset }) => ({ outputs: { dataset } }),
  run: async context => {
    const { dataset } = context.inputs;
    const { radius } = context.params;
    const size = dataset.height * dataset.width * dataset.channels;
    const hash = createHash('sha256');
    const from = await open(join(dataset.dir, dataset.images));
    const to = await open(join(context.outputDir, 'images.u8'), 'w');
    try {
      for (let done = 0; done < dataset.count; done += AT_ONCE) {
        if (context.signal.aborted) throw new Interrupted();
        const count = Math.min(AT_ONCE, dataset.count - done);
        const { buffer } = await from.read(new Uint8Array(count * size), 0, count * size, done * size);
        for (let image = 0; image < count; image++)
          boxBlur(buffer.subarray(image * size, (image + 1) * size), dataset, radius);
        hash.update(buffer);
        await to.writeFile(buffer);
        context.emit({ type: 'progress', done: done + count, total: dataset.count, unit: 'images' });
      }
    } finally {
      await from.close();
      await to.close();
    }
    const labels = await readFile(join(dataset.dir, dataset.labels));
    await writeFile(join(context.outputDir, 'labels.u8'), labels);
    context.report(`${dataset.count} images, radius ${radius}`);
    return {
      dataset: {
        ...dataset,
        dir: context.outputDir,
        images: 'images.u8',
        labels: 'labels.u8',
        source: `${dataset.source}, blurred`,
        sha256: hash.update(labels).digest('hex'),
      },
    };
  },
});
