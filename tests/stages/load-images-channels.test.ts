import { join } from 'node:path';
import sharp from 'sharp';
import type { Static } from 'typebox';
import { beforeEach, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import loadImages from '../../src/stages/load-images.ts';
import { allImages, writeFiles } from '../data/rig.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';

let root = '';

beforeEach(async () => {
  root = await temporaryFolder();
});

type Params = Partial<Static<(typeof loadImages)['params']>>;

async function load(pictures: Readonly<Record<string, Buffer>>, params: Params = {}) {
  const source = await writeFiles(join(root, 'pictures'), pictures);
  const { outputs } = await runStage(loadImages, { size: 4, source, ...params }, { inputs: {} });
  const dataset = await openDataset(outputs.dataset);
  return { ...outputs.dataset, pixels: [...allImages(dataset)] };
}

const raw = (bytes: readonly number[], channels: 1 | 2 | 3 | 4) =>
  sharp(Uint8Array.from(bytes), { raw: { width: 4, height: 4, channels } });

/** Bytes for each of the sixteen pixels, from those of the first on. */
const sixteen = (make: (at: number) => readonly number[]) =>
  Array.from({ length: 16 }, (_, at) => make(at)).flat();
const ramp = sixteen(at => [10 * at]);
const grey = () => raw(ramp, 1).toColourspace('b-w').png().toBuffer();
/** The same picture, stored with three equal channels. */
const greyAsRgb = () =>
  raw(
    sixteen(at => [10 * at, 10 * at, 10 * at]),
    3,
  )
    .png()
    .toBuffer();
const red = () =>
  raw(
    sixteen(() => [255, 0, 0]),
    3,
  )
    .png()
    .toBuffer();

describe('grey pictures', () => {
  it('have three equal channels by default, as all data sets of pictures had', async () => {
    const { channels, pixels } = await load({ 'a/1.png': await grey() });
    expect(channels).toBe(3);
    expect(pixels).toEqual(ramp.flatMap(byte => [byte, byte, byte]));
  });

  it('have one with channels: 1, and with auto', async () => {
    const pictures = { 'a/1.png': await grey(), 'a/2.png': await greyAsRgb() };
    for (const channels of [1, 'auto'] as const) {
      const loaded = await load(pictures, { channels });
      expect(loaded).toMatchObject({ count: 2, channels: 1, transform: { scale: [1], offset: [0] } });
      expect(loaded.pixels).toEqual([...ramp, ...ramp]);
    }
  });

  it('stay three with auto where a single picture has colour', async () => {
    const loaded = await load({ 'a/1.png': await grey(), 'a/2.png': await red() }, { channels: 'auto' });
    expect(loaded.channels).toBe(3);
    expect(loaded.pixels.slice(-3)).toEqual([255, 0, 0]);
  });

  it('are not made of unreadable ones: these count for nothing', async () => {
    const pictures = { 'a/1.png': Buffer.from('x'), 'a/2.png': await grey() };
    expect(await load(pictures, { channels: 'auto' })).toMatchObject({ count: 1, channels: 1, pixels: ramp });
  });
});

describe('colours with channels: 1', () => {
  it('become their luminance', async () => {
    const { channels, pixels } = await load({ 'a/1.png': await red() }, { channels: 1 });
    expect(channels).toBe(1);
    expect(pixels).toEqual(new Array(16).fill(pixels[0]));
    expect(pixels[0]).toBeGreaterThan(50);
    expect(pixels[0]).toBeLessThan(150);
  });
});

describe('transparent pixels', () => {
  const clear = () =>
    raw(
      sixteen(() => [9, 9, 9, 0]),
      4,
    )
      .png()
      .toBuffer();
  const clearGrey = () =>
    raw(
      sixteen(() => [9, 0]),
      2,
    )
      .toColourspace('b-w')
      .png()
      .toBuffer();

  it('show the background: white by default, or another', async () => {
    const pictures = { 'a/1.png': await clear(), 'a/2.png': await clearGrey() };
    expect(new Set((await load(pictures)).pixels)).toEqual(new Set([255]));
    expect(new Set((await load(pictures, { background: 'black' })).pixels)).toEqual(new Set([0]));
    const { pixels } = await load(pictures, { background: '#102030' });
    expect(pixels.slice(0, 3)).toEqual([16, 32, 48]);
  });

  it('half way show both', async () => {
    const half = await raw(
      sixteen(() => [200, 0, 100, 128]),
      4,
    )
      .png()
      .toBuffer();
    const { pixels } = await load({ 'a/1.png': half }, { background: 'black' });
    expect(pixels.slice(0, 3)).toEqual([100, 0, 50]);
  });

  it('do not prevent one channel', async () => {
    const loaded = await load({ 'a/1.png': await clearGrey() }, { channels: 'auto' });
    expect(loaded).toMatchObject({ channels: 1 });
    expect(new Set(loaded.pixels)).toEqual(new Set([255]));
  });
});
