import { readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/core/failure.ts';
import sample from '../../src/stages/sample.ts';
import { drawFrom, pixels, tensorflow, trainedModel } from '../rig/tiny-generator.ts';

const { tf } = tensorflow;
const animals = ['cat', 'dog', 'frog'];

describe('sampling a conditional model', () => {
  test('draws each class: a grid with a labelled row per class, and single pictures', async () => {
    const { dir, files, context, bytesOf } = await drawFrom(await trainedModel(animals), { count: 2 });
    expect(files).toEqual([
      'grid.png',
      'singles/cat-001.png',
      'singles/cat-002.png',
      'singles/dog-001.png',
      'singles/dog-002.png',
      'singles/frog-001.png',
      'singles/frog-002.png',
    ]);
    expect((await readdir(join(dir, 'singles'))).length).toBe(6);
    const uniform = (value: number) => new Array<number>(pixels).fill(value);
    expect(await bytesOf('singles/cat-002.png')).toEqual(uniform(0));
    expect(await bytesOf('singles/dog-001.png')).toEqual(uniform(128));
    expect(await bytesOf('singles/frog-001.png')).toEqual(uniform(255));
    const { width, height } = await sharp(join(dir, 'grid.png')).metadata();
    // Labels of four letters, then two images of 96 pixels, in three rows.
    expect([width, height]).toEqual([4 + 24 + 8 + 2 * 98 - 2 + 4, 4 + 3 * 98 - 2 + 4]);
    expect(context.reports).toEqual(['6 images, 3 classes']);
    expect(context.events.filter(event => event.type === 'publish')).toEqual([
      { type: 'publish', path: 'grid.png' },
      { type: 'publish', path: 'singles' },
    ]);
    expect(context.events).toContainEqual({ type: 'progress', done: 6, total: 6, unit: 'images' });
  });

  test('draws ten of each class unless told otherwise', async () => {
    const { files } = await drawFrom(await trainedModel(animals));
    expect(files).toHaveLength(31);
  });

  test('leaves the single pictures out on request', async () => {
    const { dir, files } = await drawFrom(await trainedModel(animals), { singles: false });
    expect(files).toEqual(['grid.png']);
    expect(await readdir(dir)).toEqual(['grid.png']);
  });

  test.each(['shared', 'own'] as const)(
    'draws the classes asked for, in that order, and each as it would be among all: noise %s',
    async noise => {
      const model = await trainedModel(animals, { noise: 0.2 });
      const all = await drawFrom(model, { noise, count: 3 });
      const some = await drawFrom(model, { noise, count: 2, classes: ['frog', 'cat'] });
      expect(some.files.slice(1)).toEqual([
        'singles/frog-001.png',
        'singles/frog-002.png',
        'singles/cat-001.png',
        'singles/cat-002.png',
      ]);
      for (const file of some.files.slice(1))
        expect(await some.bytesOf(file)).toEqual(await all.bytesOf(file));
    },
  );

  test('names an unknown class and the one that was meant', async () => {
    await expect(drawFrom(await trainedModel(animals), { classes: ['cta', 'frog'] })).rejects.toMatchObject({
      code: 'unknown-class',
      exitCode: 2,
      message: 'sample: there is no class "cta"',
      details: ['did you mean "cat"?', 'expected one of cat, dog, frog'],
    });
  });

  test('writes safe file names for classes with unusual ones', async () => {
    const unusual = await drawFrom(await trainedModel(['../up', 'a b/c', '.hidden', 'Müller']), { count: 1 });
    expect(unusual.files.slice(1)).toEqual([
      'singles/up-001.png',
      'singles/a-b-c-001.png',
      'singles/hidden-001.png',
      'singles/Müller-001.png',
    ]);
    const alike = await drawFrom(await trainedModel(['a b', 'a/b', '???']), { count: 1 });
    expect(alike.files.slice(1)).toEqual([
      'singles/0-a-b-001.png',
      'singles/1-a-b-001.png',
      'singles/2-001.png',
    ]);
  });
});

describe('sampling an unconditional model', () => {
  test('draws as many images as asked for, numbered', async () => {
    const model = await trainedModel([], { conditional: false, noise: 0.5 });
    const { files, context, dir } = await drawFrom(model, { count: 12 });
    expect(files.slice(1, 3)).toEqual(['singles/001.png', 'singles/002.png']);
    expect(files).toHaveLength(13);
    expect(context.reports).toEqual(['12 images']);
    const { width, height } = await sharp(join(dir, 'grid.png')).metadata();
    expect([width, height]).toEqual([8 + 6 * 98 - 2, 8 + 2 * 98 - 2]);
    const narrow = await drawFrom(model, { count: 12, columns: 4, scale: 2 });
    const other = await sharp(join(narrow.dir, 'grid.png')).metadata();
    expect([other.width, other.height]).toEqual([8 + 4 * 10 - 2, 8 + 3 * 10 - 2]);
  });

  test('cannot draw classes, and says so', async () => {
    const model = await trainedModel(animals, { conditional: false });
    await expect(drawFrom(model, { classes: ['cat'] })).rejects.toMatchObject({
      code: 'classes-without-labels',
      message: 'sample: the model takes no labels: it cannot draw the classes asked for',
    });
  });
});

describe('any model', () => {
  test('gives the same images for the same seed, others for another, more when more are asked for', async () => {
    const model = await trainedModel([], { conditional: false, noise: 0.5 });
    const drawn = async (seed: number, count: number) => {
      const { files, bytesOf } = await drawFrom(model, { count }, { seed });
      return Promise.all(files.slice(1).map(bytesOf));
    };
    const once = await drawn(7, 4);
    expect(await drawn(7, 4)).toEqual(once);
    expect((await drawn(7, 104)).slice(0, 4)).toEqual(once);
    expect(await drawn(8, 4)).not.toEqual(once);
    expect(new Set(once.map(String)).size).toBe(4);
  });

  test('leaves no tensors behind, whether it works or not', async () => {
    const model = await trainedModel(animals);
    const { numTensors } = tf.memory();
    await drawFrom(model, { count: 2 });
    expect(tf.memory().numTensors).toBe(numTensors);
    await expect(drawFrom({ ...model, imageShape: [8, 8, 3] })).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test('draws large numbers in batches, shows a part of them in the grid, and stops when asked to', async () => {
    const model = await trainedModel(animals);
    const whole = await drawFrom(model, { count: 350, singles: false, scale: 1 });
    expect(whole.context.events).toContainEqual({
      type: 'log',
      level: 'notice',
      text: 'grid.png shows 999 of 1050 images',
    });
    const stop = new AbortController();
    const done: number[] = [];
    const stopped = drawFrom(
      model,
      { count: 350, singles: false },
      {
        signal: stop.signal,
        onEvent: event => {
          if (event.type === 'progress') done.push(event.done);
          if (done.length === 2) stop.abort();
        },
      },
    );
    await expect(stopped).rejects.toThrow(Interrupted);
    expect(done).toEqual([100, 200]);
  });
});

describe('more images than the grid shows', () => {
  test('are drawn in as many batches as it takes: 201 of each of ten classes', async () => {
    const classes = Array.from({ length: 10 }, (_, index) => `class ${index}`);
    const { context } = await drawFrom(await trainedModel(classes), { count: 201, singles: false, scale: 1 });
    expect(context.reports).toEqual(['2,010 images, 10 classes']);
    expect(context.events).toContainEqual({
      type: 'log',
      level: 'notice',
      text: 'grid.png shows 1000 of 2010 images',
    });
  });

  test('and more classes than it has rows: the first ones are shown', async () => {
    const classes = Array.from({ length: 1003 }, (_, index) => String(index));
    const { context } = await drawFrom(await trainedModel(classes), { count: 2, singles: false, scale: 1 });
    expect(context.events).toContainEqual({
      type: 'log',
      level: 'notice',
      text: 'grid.png shows 1000 of 2006 images, of the first 1000 of 1003 classes',
    });
  });

  test('are refused as single pictures before they could not be recorded', async () => {
    const classes = Array.from({ length: 6 }, (_, index) => String(index));
    await expect(drawFrom(await trainedModel(classes), { count: 100_000 })).rejects.toMatchObject({
      code: 'too-many-singles',
      hint: 'draw fewer, or leave them out: --set sample.singles=false',
    });
  });

  test('a scale at which no image fits is refused before anything is drawn', async () => {
    const model = await trainedModel(animals);
    const huge = { ...model, imageShape: [1024, 1024, 3] as const };
    await expect(drawFrom(huge, { scale: 32 })).rejects.toMatchObject({
      code: 'picture-too-large',
      hint: 'ask for fewer images, or a smaller scale',
    });
  });
});

describe('finding the model', () => {
  test('takes it from an earlier experiment on request, whose content then counts', () => {
    const params = { count: 1, singles: true, weights: 'best' as const };
    expect(sample.borrows?.({ ...params, from: 'latest:cgan' })).toEqual([
      { input: 'model', experiment: 'latest:cgan', because: ['from'] },
    ]);
    expect(sample.borrows?.(params)).toEqual([]);
  });

  test('names a model that is missing, damaged or not JSON', async () => {
    const model = await trainedModel(animals);
    const folder = join(model.dir, 'generator');
    const { numTensors } = tf.memory();
    const unreadable = async (cause: RegExp) => {
      await expect(drawFrom(model)).rejects.toMatchObject({
        code: 'unreadable-model',
        message: expect.stringMatching(cause) as string,
      });
      expect(tf.memory().numTensors).toBe(numTensors);
    };
    const json = await readFile(join(folder, 'model.json'), 'utf8');
    await truncate(join(folder, 'weights-2.bin'), 10);
    await unreadable(/generator: its weight files hold 50 bytes, expected 1152: they are damaged$/);
    await rm(join(folder, 'weights-2.bin'));
    await unreadable(/ENOENT.*weights-2\.bin/);
    await writeFile(join(folder, 'model.json'), json.slice(0, 100));
    await unreadable(/JSON/);
    await rm(folder, { recursive: true });
    await unreadable(/ENOENT.*model\.json/);
  });

  test('refuses a generator that is not what the record says', async () => {
    const model = await trainedModel(animals);
    await expect(drawFrom({ ...model, conditional: false })).rejects.toMatchObject({
      code: 'model-mismatch',
      message: expect.stringContaining('has 2 input(s) and draws 4×4×3; expected 1 and 4×4×3') as string,
    });
  });
});
