import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import type { Frame } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { defineStage } from '../core/stage.ts';
import { drawAnimation, framesThatFit, type AnimationFrame } from '../images/animation.ts';
import { sampleEvenly } from '../images/sample-evenly.ts';

const params = Type.Object(
  {
    size: Type.Optional(
      Type.Integer({
        minimum: 16,
        maximum: 4096,
        description: 'Width of the pictures in pixels. By default they stay as they are.',
      }),
    ),
    frames: Type.Integer({
      default: 100,
      minimum: 2,
      maximum: 1000,
      description: 'The most frames to show: of more, the first, the last and evenly spaced ones between.',
    }),
    delay: Type.Integer({
      default: 100,
      minimum: 20,
      maximum: 60_000,
      description: 'Milliseconds for each frame. GIF counts in steps of 10.',
    }),
    hold: Type.Integer({
      default: 2000,
      minimum: 20,
      maximum: 600_000,
      description: 'Milliseconds for the last frame, before the animation starts again.',
    }),
  },
  { additionalProperties: false },
);

/** Frames with captions `epoch  3   iteration  5,700`, numbers right-aligned so that they do not move. */
function captioned(frames: readonly Frame[], dir: string): readonly AnimationFrame[] {
  const format = (value: number) => value.toLocaleString('en-US');
  const widest = (values: readonly number[]) => Math.max(...values.map(value => format(value).length));
  const epochWidth = widest(frames.map(({ epoch }) => epoch));
  const iterationWidth = widest(frames.map(({ iteration }) => iteration));
  return frames.map(({ file, epoch, iteration }) => ({
    file: join(dir, file),
    caption: `epoch ${format(epoch).padStart(epochWidth)}   iteration ${format(iteration).padStart(iterationWidth)}`,
  }));
}

export default defineStage({
  name: 'gif',
  version: 1,
  summary: 'Animates the pictures of training, from noise to the end.',
  params,
  inputs: { frames: { kind: 'frames', description: 'Pictures of the same noise during training.' } },
  outputs: { animation: { kind: 'animation', description: 'training.gif' } },
  async run(context) {
    const { params, inputs, signal, outputDir } = context;
    const { frames, dir } = inputs.frames;
    if (frames.length === 0)
      throw new Failure({
        code: 'no-frames',
        message: 'there are no frames to animate: training drew none',
        hint: 'let training draw pictures more often: --set train.sample.every=10',
      });
    const all = captioned(sampleEvenly(frames, params.frames), dir);
    const fitting = await framesThatFit(all, params.size);
    const shown = sampleEvenly(all, fitting);
    if (shown.length < all.length) {
      const text = `training.gif shows ${shown.length} of ${all.length} frames: more of this size do not fit into one`;
      context.emit({ type: 'log', level: 'notice', text });
    }
    const { gif, width, height } = await drawAnimation(shown, {
      width: params.size,
      delay: params.delay,
      hold: params.hold,
      signal,
      onFrame: done => context.emit({ type: 'progress', done, total: shown.length, unit: 'frames' }),
    });
    const file = 'training.gif';
    await writeFile(join(outputDir, file), gif);
    context.emit({ type: 'publish', path: file });
    context.report(`${shown.length} frames, ${width}×${height}, ${Math.ceil(gif.length / 1024)} kB`);
    return { animation: { kind: 'animation', dir: outputDir, file } };
  },
});
