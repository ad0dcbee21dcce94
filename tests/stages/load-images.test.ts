import { chmod, mkdir, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import type { Static } from 'typebox';
import { beforeEach, describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/core/failure.ts';
import { openDataset } from '../../src/data/dataset.ts';
import loadImages from '../../src/stages/load-images.ts';
import { allImages, failureOf, isRoot, pack, rawArchive, realData, writeFiles } from '../data/rig.ts';
import { runStage, temporaryFolder, type StageContextOptions } from '../rig/stage-context.ts';

let root = '';

beforeEach(async () => {
  root = await temporaryFolder();
});

type Params = Partial<Static<(typeof loadImages)['params']>>;
type Options = Partial<StageContextOptions<Record<string, never>>>;

const run = (params: Params, options: Options = {}) =>
  runStage(loadImages, { size: 8, ...params }, { inputs: {}, ...options });

async function load(params: Params, options: Options = {}) {
  const { outputs, context } = await run(params, options);
  const dataset = await openDataset(outputs.dataset);
  const opened = { ...dataset, images: allImages(dataset) };
  const { images, imageBytes } = opened;
  /** The pixel in the middle of each picture. */
  const middles = Array.from(opened.labels, (_, index) => {
    const middle = index * imageBytes + (outputs.dataset.width / 2) * (outputs.dataset.width + 1) * 3;
    return [...images.subarray(middle, middle + 3)];
  });
  return { dataset: outputs.dataset, context, opened, middles };
}

interface Plain {
  readonly width?: number;
  readonly height?: number;
  readonly format?: 'png' | 'jpeg' | 'webp';
}

/** A picture of one colour. */
function plain(
  [r = 0, g = 0, b = 0]: readonly number[],
  { width = 8, height = 8, format = 'png' }: Plain = {},
) {
  const image = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
  return image.toFormat(format).toBuffer();
}

/** Pixels that no scaling would leave alone. */
const noise = (pixels: number) =>
  Buffer.from(Array.from({ length: pixels * 3 }, (_, at) => (at * 151) % 256));

const red = [250, 0, 0];
const green = [0, 250, 0];
const blue = [0, 0, 250];

const pets = async () => ({
  'cat/1.png': await plain(red),
  'cat/2.png': await plain(green),
  'dog/1.png': await plain(blue),
});

const warnings = (context: Awaited<ReturnType<typeof run>>['context']) =>
  context.events.flatMap(event => (event.type === 'log' && event.level === 'warning' ? [event.text] : []));

describe('class folders of pictures', () => {
  it('load as a labelled data set, by class and name', async () => {
    const source = await writeFiles(join(root, 'pets'), await pets());
    const { dataset, context, opened, middles } = await load({ source });
    expect(dataset).toMatchObject({ count: 3, height: 8, width: 8, channels: 3, classes: ['cat', 'dog'] });
    expect(dataset.source).toMatch(/^images .*pets$/);
    expect([...opened.labels]).toEqual([0, 0, 1]);
    expect(middles).toEqual([red, green, blue]);
    expect(context.reports[0]).toMatch(/^3 images, 2 classes \(images, .*pets\)$/);
    expect(context.events.at(-1)).toEqual({ type: 'progress', done: 3, total: 3, unit: 'images' });
    expect((await readdir(dataset.dir)).sort()).toEqual(['images.u8', 'labels.u8']);
  });

  it('load alike from an archive, whatever the order of its files', async () => {
    await writeFiles(join(root, 'pets'), await pets());
    const files = ['pets/dog/1.png', 'pets/cat/2.png', 'pets/cat/1.png'];
    const folder = await load({ source: join(root, 'pets') });
    for (const archive of [
      await pack(root, 'pets.tar.gz', files),
      await pack(root, 'pets.tar', files.reverse()),
    ]) {
      const packed = await load({ source: archive });
      expect(packed.dataset.sha256).toBe(folder.dataset.sha256);
      expect(packed.dataset.classes).toEqual(['cat', 'dog']);
    }
  });

  it('take the later of two files of one name in an archive, as tar does', async () => {
    const entries = [
      { path: 'cat/1.png', content: await plain(red) },
      { path: 'cat/1.png', content: await plain(green) },
    ];
    await writeFile(join(root, 'twice.tar.gz'), rawArchive(entries));
    expect((await load({ source: join(root, 'twice.tar.gz') })).middles).toEqual([green]);
  });

  it('are found beside the pipeline file when the working folder has none', async () => {
    await writeFiles(join(root, 'pets-beside'), await pets());
    expect((await load({ source: 'pets-beside' }, { pipelineDir: root })).dataset.count).toBe(3);
  });

  it('have splits, chosen classes and a limit', async () => {
    const source = await writeFiles(root, {
      'train/cat/1.png': await plain(red),
      'train/dog/1.png': await plain(blue),
      'train/dog/2.png': await plain(blue),
      'test/cat/1.png': await plain(green),
    });
    expect((await load({ source, split: 'test' })).middles).toEqual([green]);
    expect((await load({ source, split: 'train', limit: 2 })).middles).toEqual([red, blue]);
    expect((await load({ source, classes: ['dog'] })).middles).toEqual([blue, blue]);
  });

  it('follow links within a folder, but not in circles', async () => {
    await writeFiles(root, { 'elsewhere/1.png': await plain(red), 'pets/cat/2.png': await plain(green) });
    await symlink(join(root, 'elsewhere'), join(root, 'pets', 'cat', 'more'));
    await symlink(join(root, 'pets'), join(root, 'pets', 'cat', 'circle'));
    expect((await load({ source: join(root, 'pets') })).middles).toEqual([green, red]);
  });
});

describe('a picture', () => {
  it('of the right size keeps its pixels exactly', async () => {
    const png = await sharp(noise(64), { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toBuffer();
    const { opened } = await load({ source: await writeFiles(root, { 'a/1.png': png }) });
    expect(Buffer.compare(opened.images, noise(64))).toBe(0);
  });

  it('as JPEG of the right size is what its decoder gives', async () => {
    const jpeg = await sharp(noise(1024), { raw: { width: 32, height: 32, channels: 3 } })
      .jpeg()
      .toBuffer();
    const { opened } = await load({ size: 32, source: await writeFiles(root, { 'a/1.jpg': jpeg }) });
    expect(Buffer.compare(opened.images, await sharp(jpeg).raw().toBuffer())).toBe(0);
  });

  it('is cropped to the square in its middle, then scaled', async () => {
    // Green in the middle third, red at both ends.
    const [end, middle] = [
      await plain(red, { width: 40, height: 40 }),
      await plain(green, { width: 40, height: 40 }),
    ];
    const wide = await sharp([end, middle, end], { join: { across: 3 } })
      .png()
      .toBuffer();
    const tall = await sharp([end, middle, end], { join: { across: 1 } })
      .png()
      .toBuffer();
    const source = await writeFiles(root, { 'a/wide.png': wide, 'a/tall.png': tall });
    const { opened } = await load({ source });
    const reds = opened.images.filter((_, at) => at % 3 === 0);
    expect(Math.max(...reds)).toBeLessThan(60);
  });

  it('may be JPEG, PNG or what else sharp reads, grey, transparent or 16 bits deep', async () => {
    const square = { width: 8, height: 8 };
    const grey = await sharp(Buffer.alloc(64, 90), { raw: { ...square, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const clear = await sharp({
      create: { ...square, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const deep = await sharp(await plain([128, 0, 0]))
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const source = await writeFiles(root, {
      'a/1-jpeg.jpg': await plain([100, 100, 100], { format: 'jpeg' }),
      'a/2-webp.webp': await plain([100, 100, 100], { format: 'webp' }),
      'a/3-grey.png': grey,
      'a/4-clear.png': clear,
      'a/5-deep.png': deep,
    });
    const { context, middles } = await load({ source });
    expect(warnings(context)).toEqual([]);
    const [jpeg = [], webp = [], ...exact] = middles;
    for (const value of [...jpeg, ...webp]) expect(Math.abs(value - 100)).toBeLessThan(4);
    expect(exact).toEqual([
      [90, 90, 90],
      [255, 255, 255],
      [128, 0, 0],
    ]);
  });
});

describe('a photograph', () => {
  it('that its camera turned is shown upright', async () => {
    const [top, bottom] = await Promise.all(
      [red, blue].map(colour => plain(colour, { width: 64, height: 32 })),
    );
    const upright = await sharp([top as Buffer, bottom as Buffer], { join: { across: 1 } })
      .png()
      .toBuffer();
    // Orientation 6: to be turned clockwise, which brings the top to the right.
    const turned = await sharp(upright).withMetadata({ orientation: 6 }).png().toBuffer();
    const { opened } = await load({ source: await writeFiles(root, { 'a/1.png': turned }) });
    expect([...opened.images.subarray(0, 3)]).toEqual(blue);
    expect([...opened.images.subarray(7 * 3, 8 * 3)]).toEqual(red);
  });
});

describe('files that cannot be read', () => {
  async function withBroken() {
    const noisy = await sharp(noise(4096), { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    const source = await writeFiles(join(root, 'pets'), {
      ...(await pets()),
      'cat/0-text.jpg': 'no picture',
      'cat/3-empty.png': '',
      'dog/0-cut.jpg': noisy,
    });
    await truncate(join(source, 'dog', '0-cut.jpg'), 2000);
    return source;
  }

  it('are left out, counted and named; the rest keeps its order', async () => {
    const { context, opened, middles } = await load({ source: await withBroken() });
    expect(middles).toEqual([red, green, blue]);
    expect([...opened.labels]).toEqual([0, 0, 1]);
    const [warning = ''] = warnings(context);
    expect(warning).toContain('3 of 6 pictures cannot be read and are left out:');
    // A display shows it in one line.
    for (const name of ['cat/0-text.jpg', '; cat/3-empty.png: the file is empty; ', 'dog/0-cut.jpg'])
      expect(warning).toContain(name);
    expect(context.reports[0]).toMatch(/^3 images, 2 classes \(.*\), 3 unreadable$/);
  });

  it('are fatal where the user wants it so', async () => {
    const failure = await failureOf(run({ source: await withBroken(), onUnreadable: 'fail' }));
    expect(failure.message).toBe('3 of 6 pictures cannot be read');
    expect(failure.details.join('\n')).toContain('cat/0-text.jpg');
    expect(failure.hint).toContain('onUnreadable: warn');
  });

  it('are all in the log, and some in the message, when they are many', async () => {
    const broken = Array.from({ length: 9 }, (_, index) => [`a/${index}.jpg`, 'x'] as const);
    const source = await writeFiles(root, { ...Object.fromEntries(broken), 'a/ok.png': await plain(red) });
    const { context } = await load({ source });
    expect(warnings(context)[0]).toContain('… and 4 more: see the log');
    const logged = context.events.filter(
      event => event.type === 'log' && event.text.startsWith('unreadable: '),
    );
    expect(logged).toHaveLength(9);
  });

  it('are fatal when there is nothing else', async () => {
    const source = await writeFiles(root, { 'a/1.jpg': 'x' });
    expect((await failureOf(run({ source }))).message).toBe('1 of 1 pictures cannot be read');
  });

  it('as they claim a billion pixels are left out by what their header says', async () => {
    const huge = async (side: number) => {
      const png = await plain(red);
      png.writeUInt32BE(side, 16); // width, then height, then the checksum of the header
      png.writeUInt32BE(side, 20);
      png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
      return png;
    };
    const source = await writeFiles(root, {
      ...(await pets()),
      'cat/3.png': await huge(12_000),
      'cat/4.png': await huge(2 ** 31 - 1),
    });
    const { context, dataset } = await load({ source });
    expect(dataset.count).toBe(3);
    const [warning = ''] = warnings(context);
    expect(warning).toContain('cat/3.png: Input image exceeds pixel limit');
    expect(warning).toContain('cat/4.png: ');
    // What they would take as pixels is 432 MB and more.
    expect(process.memoryUsage().external).toBeLessThan(200e6);
  });

  it.skipIf(isRoot)('for want of permission are no damaged pictures', async () => {
    const source = await writeFiles(root, await pets());
    await chmod(join(source, 'cat', '1.png'), 0o000);
    expect((await failureOf(run({ source }))).message).toContain('permission denied');
  });
});

describe('a source', () => {
  it('that is not there, or has no class folders, is said so', async () => {
    expect((await failureOf(run({ source: 'nowhere' }))).message).toBe(
      'load-images.source: there is no folder or archive nowhere',
    );
    await mkdir(join(root, 'empty'));
    expect((await failureOf(run({ source: join(root, 'empty') }))).code).toBe('no-images');
  });

  it('with pictures outside class folders loses them loudly', async () => {
    const source = await writeFiles(root, {
      ...(await pets()),
      'stray.png': await plain(red),
      'README.md': '',
    });
    const { context, dataset } = await load({ source });
    expect(dataset.count).toBe(3);
    expect(warnings(context)).toEqual(['left out, as they are in no class folder (1): stray.png']);
  });

  it('that is an archive with links or paths outside is refused', async () => {
    const archive = join(root, 'hostile.tar.gz');
    for (const entry of [
      { path: 'cat/../../1.png' },
      { path: '/cat/1.png' },
      { path: 'cat/1.png', type: 'SymbolicLink', linkpath: '/etc/passwd' } as const,
    ]) {
      await writeFile(archive, rawArchive([entry]));
      expect((await failureOf(run({ source: archive }))).code).toBe('unsafe-archive');
    }
  });

  it('that is a named pipe or a device is refused, and not waited for', async () => {
    const pipe = join(root, 'pipe.tar.gz');
    spawnSync('mkfifo', [pipe]);
    for (const source of [pipe, '/dev/zero'])
      expect((await failureOf(run({ source }))).message).toBe(
        `cannot read ${source}: it is neither a folder nor a file`,
      );
  });

  it.each([
    ['a NUL character', 'a\0b', /a path cannot contain a NUL character/],
    ['many letters', 'x'.repeat(100_000), /the name is too long/],
  ])('whose path has %s is refused', async (_, source, message) => {
    const failure = await failureOf(run({ source }));
    expect(failure.message).toMatch(message);
    expect(failure.message.length).toBeLessThan(500);
  });

  it('that is a truncated archive is said to be', async () => {
    await writeFiles(root, { 'a/1.png': await plain(red), 'a/2.bin': noise(100_000) });
    const source = await pack(root, 'cut.tar', ['a']);
    await truncate(source, 150_000);
    expect((await failureOf(run({ source }))).code).toBe('truncated-archive');
  });

  it('is left when the user interrupts', async () => {
    const many = Array.from({ length: 400 }, (_, index) => [`a/${index}.png`, Buffer.of(index)] as const);
    const source = await writeFiles(root, { ...Object.fromEntries(many), ...(await pets()) });
    const controller = new AbortController();
    const onEvent = () => controller.abort();
    const running = run({ source }, { signal: controller.signal, onEvent });
    await expect(running).rejects.toThrow(Interrupted);
  });
});

const real = realData('cifar10-images.tar.gz');

describe.skipIf(real.missing)('60,000 real pictures (skipped where ../shared/data has none)', () => {
  it('are listed, and as many as asked for loaded, evenly', async () => {
    const { dataset, opened } = await load({ source: real.path, size: 32, limit: 200 });
    expect(dataset.classes).toHaveLength(10);
    const perClass = dataset.classes.map((_, label) => opened.labels.filter(other => other === label).length);
    expect(perClass).toEqual(new Array(10).fill(20));
  });
});
