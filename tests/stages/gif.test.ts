import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Frame, FramesArtifact } from '../../src/core/artifacts.ts';
import { Interrupted } from '../../src/core/failure.ts';
import { framesThatFit } from '../../src/images/animation.ts';
import { drawFrame } from '../../src/images/samples.ts';
import gif from '../../src/stages/gif.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';

const size = 8;
const classes = ['cat', 'dog', 'ship'];

/** What training leaves: three images in a row, brighter by 15 from frame to frame. */
async function trainingFrames(count: number): Promise<FramesArtifact> {
  const dir = await temporaryFolder();
  const frames: Frame[] = [];
  for (let index = 0; index < count; index++) {
    const images = new Uint8Array(3 * size * size * 3).fill(15 * index);
    const batch = { images, count: 3, height: size, width: size, channels: 3 };
    const frame = { file: `frame-${index}.png`, epoch: 1 + (index >> 2), iteration: index * 500 };
    await writeFile(join(dir, frame.file), await drawFrame(batch, classes));
    frames.push(frame);
  }
  return { kind: 'frames', dir, frames };
}

/** The pages of an animation as people see them, as raw RGB. */
async function pagesOf(path: string) {
  const metadata = await sharp(path, { pages: -1 }).metadata();
  const { pages = 1, pageHeight = metadata.height, width } = metadata;
  const data = await sharp(path, { pages: -1 }).removeAlpha().raw().toBuffer();
  const page = (index: number) =>
    data.subarray(index * pageHeight * width * 3, (index + 1) * pageHeight * width * 3);
  /** The brightness at the middle of the first image, which begins below the caption and its own label. */
  const brightness = (index: number) => page(index)[((17 + 4 + 17 + 48) * width + 4 + 48) * 3] as number;
  return { ...metadata, pages, pageHeight, page, brightness };
}

async function animate(
  frames: FramesArtifact,
  params: Parameters<typeof runStage<typeof gif.params, typeof gif.inputs, typeof gif.outputs>>[1] = {},
  signal?: AbortSignal,
) {
  const { outputs, context } = await runStage(gif, params, { inputs: { frames }, ...(signal && { signal }) });
  const path = join(outputs.animation.dir, outputs.animation.file);
  return { path, context, animation: await pagesOf(path) };
}

describe('the gif stage', () => {
  test('animates every frame in order, holds the last one, and starts again', async () => {
    const { animation, context } = await animate(await trainingFrames(5), { delay: 120, hold: 900 });
    expect(animation.format).toBe('gif');
    expect(animation.pages).toBe(5);
    expect(animation.delay).toEqual([120, 120, 120, 120, 900]);
    expect(animation.loop).toBe(0);
    // A GIF has 256 colours a page: a shade may move a little.
    for (let page = 0; page < 5; page++)
      expect(Math.abs(animation.brightness(page) - 15 * page)).toBeLessThan(12);
    expect(context.events).toContainEqual({ type: 'publish', path: 'training.gif' });
    expect(context.events).toContainEqual({ type: 'progress', done: 5, total: 5, unit: 'frames' });
    expect(context.reports.join()).toMatch(/^5 frames, 300×138, \d+ kB$/);
  });

  test('writes epoch and iteration above the frames', async () => {
    const { animation } = await animate(await trainingFrames(5));
    const caption = (page: number) => animation.page(page).subarray(0, 17 * animation.width * 3);
    for (let page = 0; page < 5; page++) expect(caption(page).some(value => value < 100)).toBe(true);
    expect(caption(1).equals(caption(2))).toBe(false);
  });

  test('shows at most as many frames as asked for, the first and the last among them', async () => {
    const { animation } = await animate(await trainingFrames(12), { frames: 4 });
    expect(animation.pages).toBe(4);
    expect(animation.brightness(0)).toBe(0);
    expect(animation.brightness(3)).toBeCloseTo(165, -1);
  });

  test('is as wide as asked for, without blurring what it enlarges', async () => {
    const frames = await trainingFrames(2);
    const { animation: wide } = await animate(frames, { size: 600 });
    expect([wide.width, wide.pageHeight]).toEqual([600, 17 + 2 * 121]);
    const { animation: narrow } = await animate(frames, { size: 200 });
    expect(narrow.width).toBe(200);
  });

  test('makes room for a caption wider than the frames', async () => {
    const { animation } = await animate(await trainingFrames(2), { size: 50 });
    expect(animation.width).toBe('epoch 1   iteration 500'.length * 6 + 8);
  });

  test('one frame is a picture that stands still', async () => {
    const { animation } = await animate(await trainingFrames(1));
    expect(animation.pages).toBe(1);
  });

  test('says what to do when training drew no frames', async () => {
    await expect(animate({ ...(await trainingFrames(0)) })).rejects.toMatchObject({
      code: 'no-frames',
      hint: expect.stringContaining('sample.every') as string,
    });
  });

  test('names a frame that is missing or broken', async () => {
    const frames = await trainingFrames(3);
    await writeFile(join(frames.dir, 'frame-1.png'), 'not a picture');
    await expect(animate(frames)).rejects.toMatchObject({
      code: 'unreadable-picture',
      message: expect.stringContaining(join(frames.dir, 'frame-1.png')) as string,
    });
    await rm(join(frames.dir, 'frame-1.png'));
    await expect(animate(frames)).rejects.toMatchObject({ code: 'unreadable-picture' });
  });

  test('names a frame of another size', async () => {
    const frames = await trainingFrames(3);
    const batch = { images: new Uint8Array(192), count: 1, height: 8, width: 8, channels: 3 };
    await writeFile(join(frames.dir, 'frame-2.png'), await drawFrame(batch));
    await expect(animate(frames)).rejects.toMatchObject({
      code: 'uneven-frames',
      message: expect.stringMatching(/frame-2\.png is 104×104 pixels, the first one 300×121$/) as string,
    });
  });

  test('counts the frames that fit into memory before it draws them, and refuses where not even two do', async () => {
    const { dir, frames } = await trainingFrames(2);
    const all = frames.map(({ file }) => ({ file: join(dir, file), caption: '' }));
    await expect(framesThatFit(all, undefined, 200_000)).rejects.toMatchObject({
      code: 'animation-too-large',
      hint: 'ask for a smaller size',
    });
    expect(await framesThatFit(all, undefined, 400_000)).toBe(3);
  });

  test('stops when asked to', async () => {
    await expect(animate(await trainingFrames(3), {}, AbortSignal.abort())).rejects.toThrow(Interrupted);
  });
});
