import { appendFile, chmod, mkdir, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ContentDigests } from '../../src/cache/content.ts';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { Interrupted } from '../../src/core/failure.ts';
import { openDataset } from '../../src/data/dataset.ts';
import loadCifar from '../../src/stages/load-cifar.ts';
import {
  CIFAR_FILES,
  cifarRecord,
  allImages,
  failureOf,
  isRoot,
  pack,
  rawArchive,
  realData,
  writeCifar,
} from '../data/rig.ts';
import { runStage, temporaryFolder, type StageContextOptions } from '../rig/stage-context.ts';

let root = '';

beforeEach(async () => {
  root = await temporaryFolder();
});

type Params = Partial<Static<(typeof loadCifar)['params']>>;
type Options = Partial<StageContextOptions<Record<string, never>>>;

const run = (params: Params, options: Options = {}) =>
  runStage(loadCifar, params, { inputs: {}, ...options });

async function load(params: Params, options: Options = {}) {
  const { outputs, context } = await run(params, options);
  const { dataset } = outputs;
  const opened = await openDataset(dataset);
  return { dataset, context, opened: { ...opened, images: allImages(opened) } };
}

/** Red of each picture's first pixel: in `writeCifar` the number of the file that it comes from. */
const filesOf = ({ images, imageBytes }: Awaited<ReturnType<typeof load>>['opened']) =>
  Array.from({ length: images.length / imageBytes }, (_, index) => images[index * imageBytes]);

const counts = (numbers: readonly (number | undefined)[]) =>
  [...new Set(numbers)].map(number => [number, numbers.filter(other => other === number).length]);

describe('a CIFAR-10 folder', () => {
  it('loads whole, training and test images stacked', async () => {
    const source = await writeCifar(join(root, 'cifar'));
    const { dataset, context, opened } = await load({ source });
    expect(dataset).toMatchObject({
      kind: 'dataset',
      count: 60,
      height: 32,
      width: 32,
      channels: 3,
      transform: { scale: [1, 1, 1], offset: [0, 0, 0] },
    });
    expect(dataset.classes[7]).toBe('horse');
    expect(counts(filesOf(opened))).toEqual([1, 2, 3, 4, 5, 6].map(file => [file, 10]));
    expect(context.reports).toEqual([`60 images, 10 classes (${dataset.source.replace(' ', ', ')})`]);
    expect(dataset.source).toMatch(/^cifar-10 .*cifar$/);
  });

  it('turns its planes into pixels, row by row', async () => {
    const source = join(root, 'cifar');
    await writeCifar(source);
    await writeFile(join(source, 'test_batch.bin'), cifarRecord(3, [10, 20, 30], [1, 2, 3]));
    const { opened } = await load({ source, split: 'test' });
    expect([...opened.images.subarray(0, 9)]).toEqual([1, 2, 3, 10, 20, 30, 10, 20, 30]);
    expect([...opened.images.subarray(-3)]).toEqual([10, 20, 30]);
    expect([...opened.labels]).toEqual([3]);
  });

  it('loads one split, which needs no other files', async () => {
    const source = await writeCifar(join(root, 'test only'), ['test_batch.bin']);
    const { opened } = await load({ source, split: 'test' });
    expect(counts(filesOf(opened))).toEqual([[6, 10]]);
    const train = await load({ source: await writeCifar(join(root, 'all')), split: 'train' });
    expect(counts(filesOf(train.opened))).toEqual([1, 2, 3, 4, 5].map(file => [file, 10]));
  });

  it('loads some classes, relabelled in their order, up to a limit', async () => {
    const source = await writeCifar(join(root, 'cifar'));
    const { dataset, opened } = await load({ source, classes: ['ship', 'bird'], limit: 5 });
    expect(dataset.classes).toEqual(['ship', 'bird']);
    // In the files bird (2) comes before ship (8).
    expect([...opened.labels]).toEqual([1, 0, 1, 0, 1]);
    expect([...opened.images.subarray(0, 2)]).toEqual([1, 2]);
    expect(filesOf(opened)).toEqual([1, 1, 2, 2, 3]);
  });

  it('leaves nothing but the data set’s two files', async () => {
    const { dataset } = await load({ source: await writeCifar(join(root, 'cifar')) });
    expect((await readdir(dataset.dir)).sort()).toEqual(['images.u8', 'labels.u8']);
  });

  it('lacks files: it says which, and for which split', async () => {
    const source = await writeCifar(join(root, 'cifar'), CIFAR_FILES.slice(0, 4));
    const failure = await failureOf(run({ source }));
    expect(failure.code).toBe('missing-files');
    expect(failure.message).toBe(`${source} lacks data_batch_5.bin, test_batch.bin, needed for split: all`);
    expect(failure.hint).toContain('split: train');
  });

  it.each([
    ['a byte too many', (file: string) => appendFile(file, 'x'), '30731 bytes are no multiple of 3073'],
    ['cut short', (file: string) => truncate(file, 30_000), '30000 bytes are no multiple of 3073'],
    ['empty', (file: string) => truncate(file, 0), 'it is empty'],
    ['CIFAR-100', (file: string) => truncate(file, 3074 * 4), 'records of 3074, the length of CIFAR-100'],
  ])('with a file that is %s is refused', async (_, spoil, reason) => {
    const source = await writeCifar(join(root, 'cifar'));
    await spoil(join(source, 'data_batch_3.bin'));
    const failure = await failureOf(run({ source }));
    expect(failure.code).toBe('not-cifar-10');
    expect(failure.message).toContain(`${join(source, 'data_batch_3.bin')} is not a CIFAR-10 batch: `);
    expect(failure.message).toContain(reason);
  });

  it('with a label above 9 is refused', async () => {
    const source = await writeCifar(join(root, 'cifar'));
    await appendFile(join(source, 'data_batch_2.bin'), cifarRecord(10, [0, 0, 0]));
    const failure = await failureOf(run({ source }));
    expect(failure.message).toMatch(
      /data_batch_2\.bin is not a CIFAR-10 batch: record 11 has the label 10, above 9/,
    );
  });

  it.skipIf(isRoot)('without permission says so', async () => {
    const source = await writeCifar(join(root, 'cifar'));
    await chmod(join(source, 'data_batch_1.bin'), 0o000);
    expect((await failureOf(run({ source }))).message).toContain('permission denied');
  });
});

describe('a CIFAR-10 archive', () => {
  it('loads as its folder does, whatever the order of its files', async () => {
    const folder = await writeCifar(join(root, 'cifar-10-batches-bin'));
    await writeFile(join(folder, 'batches.meta.txt'), 'airplane\n');
    const order = [4, 1, 6, 3, 5, 2].map(number => `cifar-10-batches-bin/${CIFAR_FILES[number - 1]}`);
    const archive = await pack(root, 'shuffled.tar.gz', [...order, 'cifar-10-batches-bin/batches.meta.txt']);
    const [unpacked, packed] = [await load({ source: folder }), await load({ source: archive })];
    expect(packed.dataset.sha256).toBe(unpacked.dataset.sha256);
    expect(packed.dataset.count).toBe(60);
  });

  it('that is cut short says so', async () => {
    await writeCifar(join(root, 'cifar'));
    const source = await pack(root, 'cut.tar', ['cifar']);
    await truncate(source, 100_000);
    const failure = await failureOf(run({ source }));
    expect(failure.message).toBe(`${source} ends too early: the archive is truncated`);
    expect(failure.hint).toContain('again');
  });

  it('lacks files: it says which', async () => {
    await writeCifar(join(root, 'cifar'), ['data_batch_1.bin', 'test_batch.bin']);
    const source = await pack(root, 'some.tar.gz', ['cifar']);
    const failure = await failureOf(run({ source, split: 'train' }));
    expect(failure.message).toMatch(/lacks data_batch_2\.bin, .*data_batch_5\.bin, needed for split: train/);
  });

  it('of CIFAR-100 records says so, naming the file', async () => {
    await mkdir(join(root, 'cifar'));
    await writeFile(join(root, 'cifar', 'data_batch_1.bin'), Buffer.alloc(3074 * 4));
    const source = await pack(root, 'other.tar.gz', ['cifar']);
    const failure = await failureOf(run({ source }));
    expect(failure.message).toMatch(/other\.tar\.gz \(cifar\/data_batch_1\.bin\) is not .* CIFAR-100/);
  });

  it('with entries that lead outside is refused, and nothing is written there', async () => {
    const source = join(root, 'hostile.tar.gz');
    await writeFile(source, rawArchive([{ path: '../data_batch_1.bin', content: 'x' }]));
    const before = await readdir(root);
    expect((await failureOf(run({ source }))).code).toBe('unsafe-archive');
    expect(await readdir(root)).toEqual(before);
  });
});

describe('source: auto', () => {
  it('takes the folder of $CIFAR10_DIR', async () => {
    const folder = await writeCifar(join(root, 'mine'));
    const { dataset } = await load({}, { env: { CIFAR10_DIR: folder } });
    expect(dataset.count).toBe(60);
  });

  it('names the stage as the user knows it when a source is not there', async () => {
    const failure = await failureOf(run({ source: join(root, 'x') }, { id: 'data' }));
    expect(failure.message).toMatch(/^data\.source: there is no folder or archive/);
  });
});

describe('source: synthetic', () => {
  const synthetic = { source: 'synthetic', count: 600 } as const;

  it('draws as many images as asked for, and says what they are', async () => {
    const { dataset, context, opened } = await load(synthetic);
    expect(dataset.source).toBe('synthetic');
    expect(context.reports).toEqual(['600 images, 10 classes (synthetic)']);
    expect(counts([...opened.labels])).toEqual(Array.from({ length: 10 }, (_, label) => [label, 60]));
    expect(context.events.at(-1)).toEqual({ type: 'progress', done: 600, total: 600, unit: 'images' });
  });

  it('draws 10,000 without a count', async () => {
    expect((await run({ source: 'synthetic', limit: 20 })).context.params.count).toBe(10_000);
  });

  it('draws the same for the same seed, and fewer are the first of many', async () => {
    const { dataset, opened } = await load(synthetic);
    expect((await load(synthetic)).dataset.sha256).toBe(dataset.sha256);
    expect((await load(synthetic, { seed: 2 })).dataset.sha256).not.toBe(dataset.sha256);
    const few = await load({ ...synthetic, limit: 30 });
    expect(Buffer.compare(few.opened.images, opened.images.subarray(0, 30 * 3072))).toBe(0);
  });

  it('draws other images for tests', async () => {
    const { opened } = await load({ ...synthetic, split: 'train' });
    const test = await load({ ...synthetic, split: 'test' });
    expect(Buffer.compare(test.opened.images, opened.images)).not.toBe(0);
  });

  it('draws some classes only', async () => {
    const { dataset, opened } = await load({ source: 'synthetic', count: 4, classes: ['star', 'disc'] });
    expect(dataset.classes).toEqual(['star', 'disc']);
    expect([...opened.labels]).toEqual([0, 1, 0, 1]);
  });

  it('stops when the user interrupts', async () => {
    const controller = new AbortController();
    const onEvent = () => controller.abort();
    await expect(run({ ...synthetic, count: 5000 }, { signal: controller.signal, onEvent })).rejects.toThrow(
      Interrupted,
    );
  });
});

describe('class names', () => {
  const check = (source: string, classes: string[]) =>
    loadCifar.check?.({ source, split: 'all', count: 1, classes }) ?? [];

  it('are checked before anything runs', () => {
    expect(check('auto', ['cat', 'dog'])).toEqual([]);
    expect(check('synthetic', ['star'])).toEqual([]);
    expect(check('auto', ['cat', 'brid'])).toMatchObject([
      { path: ['classes', 1], message: 'there is no class "brid"', suggestion: 'bird' },
    ]);
    expect(check('synthetic', ['cat'])[0]?.expected).toContain('disc, ring');
  });
});

describe('the content that its result depends on', () => {
  const digests = () => new ContentDigests(join(root, 'digests'));
  const key = (source: string) => {
    const digest = (path: string) => digests().digest(path);
    const around = { id: 'data', cwd: root, pipelineDir: root, home: join(root, 'home'), env: {}, digest };
    return loadCifar.cacheKey?.({ source, split: 'all', count: 1 }, around);
  };

  it('is that of the folder, whatever its files’ times, and nothing for synthetic pictures', async () => {
    const folder = await writeCifar(join(root, 'cifar'));
    const before = await key(folder);
    const file = join(folder, 'data_batch_1.bin');
    await utimes(file, 1, 1);
    expect(await key(folder)).toBe(before);
    expect(await key('cifar')).toBe(before);
    await appendFile(file, Buffer.alloc(3073));
    expect(await key(folder)).not.toBe(before);
    expect(await key('synthetic')).toBe('synthetic');
  });

  it('is known before a download', async () => {
    expect(await key('auto')).toBe('c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd');
  });

  it('is read once, until a file changes, whatever time it is given then', async () => {
    const file = join(root, 'data.bin');
    const inPlace = async (text: string) => {
      await writeFile(file, text);
      await utimes(file, 1, 1);
      // What was changed a moment ago is not remembered.
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 });
    };
    onTestFinished(() => void vi.useRealTimers());
    await inPlace('abc');
    const first = digests();
    const digest = await first.digest(file);
    first.save(join(root, 'staging'));
    const [remembered = ''] = await readdir(join(root, 'digests'));
    await writeFile(join(root, 'digests', remembered), 'what is remembered');
    expect(await digests().digest(file)).toBe('what is remembered');
    await inPlace('xyz');
    const other = await digests().digest(file);
    expect(other).toMatch(/^[0-9a-f]{64}$/);
    expect(other).not.toBe(digest);
  });
});

const real = realData('cifar-10-batches-bin');

describe.skipIf(real.missing)('real CIFAR-10 (skipped where ../shared/data has none)', () => {
  it('loads, its pixels as they stand in the files, and the first a frog', async () => {
    const { dataset, opened } = await load({ source: real.path });
    expect(dataset.count).toBe(6000);
    expect(dataset.classes[opened.labels[0] as number]).toBe('frog');
    const bytes = await readFile(join(real.path, 'data_batch_1.bin'));
    expect([...opened.images.subarray(0, 3)]).toEqual([bytes[1], bytes[1025], bytes[2049]]);
    expect([...opened.images.subarray(3072 + 3069, 6144)]).toEqual(
      [1024, 2048, 3072].map(offset => bytes[3073 + offset]),
    );
  });

  it('keeps the split’s counts', async () => {
    const sizes = await Promise.all(
      (['train', 'test'] as const).map(
        async split => (await run({ source: real.path, split })).outputs.dataset,
      ),
    );
    expect(sizes.map((dataset: DatasetArtifact) => dataset.count)).toEqual([5000, 1000]);
  });
});
