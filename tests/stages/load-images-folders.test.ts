import { spawnSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import type { Static } from 'typebox';
import { beforeEach, describe, expect, it } from 'vitest';
import { ContentDigests } from '../../src/cache/content.ts';
import loadImages from '../../src/stages/load-images.ts';
import { failureOf, isRoot, rawArchive, writeFiles } from '../data/rig.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';

let root = '';
let picture: Buffer = Buffer.alloc(0);

beforeEach(async () => {
  root = await temporaryFolder();
  picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#804020' } })
    .png()
    .toBuffer();
});

type Params = Partial<Static<(typeof loadImages)['params']>>;

const run = (params: Params) => runStage(loadImages, { size: 8, source: root, ...params }, { inputs: {} });

async function load(params: Params = {}) {
  const { outputs, context } = await run(params);
  const warnings = context.events.flatMap(event =>
    event.type === 'log' && event.level === 'warning' ? [event.text] : [],
  );
  return { dataset: outputs.dataset, warnings, report: context.reports[0] };
}

const pets = () => writeFiles(root, { 'cat/1.png': picture, 'cat/2.png': picture, 'dog/1.png': picture });

/** A path below the root whose name is no UTF-8, as of an archive that was packed on Windows. */
const latin1 = (path: string) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);

describe('one bad entry of a folder', () => {
  it.each([
    ['a link that leads nowhere', 'cat/3.png', 'gone.png', 'cat/3.png: the link leads nowhere'],
    ['a link to itself', 'cat/3.png', '3.png', 'cat/3.png: its symbolic links lead in a circle'],
  ])(
    'as %s is left out and named, or fails the stage, as the user wants it',
    async (_, path, target, reason) => {
      await pets();
      await symlink(target, join(root, path));
      const { dataset, warnings, report } = await load();
      expect(dataset.count).toBe(3);
      expect(warnings).toEqual([`1 of 4 pictures cannot be read and are left out: ${reason}`]);
      expect(report).toContain('1 unreadable');
      const failure = await failureOf(run({ onUnreadable: 'fail' }));
      expect([failure.message, ...failure.details]).toEqual(['1 of 4 pictures cannot be read', reason]);
    },
  );

  it('as a link beside the class folders has no say', async () => {
    await pets();
    await symlink('gone', join(root, 'latest'));
    expect((await load({ onUnreadable: 'fail' })).dataset.classes).toEqual(['cat', 'dog']);
  });

  it('as a named pipe or a socket is left out and named', async () => {
    await pets();
    spawnSync('mkfifo', [join(root, 'cat', '3.png')]);
    expect((await load()).warnings[0]).toContain('cat/3.png: it is no regular file');
  });

  it.skipIf(isRoot)('as a folder without permission is named by its own path', async () => {
    await pets();
    await chmod(join(root, 'dog'), 0o000);
    const failure = await failureOf(run({}));
    await chmod(join(root, 'dog'), 0o755);
    expect(failure.message).toContain(`cannot read ${join(root, 'dog')}: permission denied`);
  });

  it('does not keep the folder’s content from being known', async () => {
    await pets();
    const digests = new ContentDigests(join(root, '..', 'no-digests'));
    const before = await digests.digest(root);
    await symlink('gone', join(root, 'cat', '3.png'));
    const dangling = await digests.digest(root);
    await writeFile(latin1('dog/caf\xe9.png'), picture);
    expect(new Set([before, dangling, await digests.digest(root)]).size).toBe(3);
  });
});

describe('names', () => {
  it('in Latin-1 are read, and shown with their bytes', async () => {
    await pets();
    await writeFile(latin1('dog/caf\xe9.png'), picture);
    await mkdir(latin1('caf\xe9'));
    await writeFile(latin1('caf\xe9/1.png'), picture);
    await writeFile(latin1('caf\xe9/\xff.png'), 'no picture');
    const { dataset, warnings } = await load();
    expect(dataset).toMatchObject({ count: 5, classes: ['caf\\xE9', 'cat', 'dog'] });
    expect(warnings[0]).toContain('caf\\xE9/\\xFF.png: ');
  });

  it('in Latin-1 stay apart in an archive', async () => {
    const header = (path: string) => rawArchive([{ path, content: picture }]);
    expect(header('cat/a.png').length).toBeGreaterThan(0);
    const entries = ['cat/\ufffd.png', 'cat/\ufffd.png', 'dog/1.png'].map(path => ({
      path,
      content: picture,
    }));
    const source = join(root, 'pets.tar.gz');
    await writeFile(source, rawArchive(entries));
    expect((await load({ source })).dataset.count).toBe(3);
  });

  it.each([
    'Thumbs.db',
    'thumbs.db',
    'ehthumbs.db',
    'desktop.ini',
    'Desktop.ini',
    'Picasa.ini',
    '.DS_Store',
    '._1.png',
    'Icon\r',
  ])('such as %j, which systems leave behind, are no pictures and no failure', async name => {
    await pets();
    await writeFile(join(root, 'cat', name), 'x');
    const { dataset, warnings } = await load({ onUnreadable: 'fail' });
    expect([dataset.count, warnings]).toEqual([3, []]);
  });

  it.each(['@eaDir', '$RECYCLE.BIN', 'System Volume Information', 'lost+found', '__MACOSX'])(
    'such as %s/ are no classes',
    async name => {
      await pets();
      await writeFiles(root, { [`${name}/1.png`]: picture });
      expect((await load()).dataset.classes).toEqual(['cat', 'dog']);
    },
  );

  it('of classes that differ in case alone are said', async () => {
    await writeFiles(root, { 'Cat/1.png': picture, 'cat/1.png': picture });
    expect((await load()).warnings).toEqual(['classes whose names differ in case alone: Cat, cat']);
  });
});

describe('folders that are no classes', () => {
  it('one level too many is said, with the parameter that mends it', async () => {
    await writeFiles(root, { 'images/cat/1.png': picture, 'images/dog/1.png': picture, 'README.md': '' });
    const failure = await failureOf(run({}));
    expect(failure.message).toBe(
      `${root}: its one class would be images, which holds only folders: cat, dog`,
    );
    expect(failure.hint).toBe(
      `If those are the classes: --set load-images.source=${join(root, 'images')}. If images is one: classes: [images].`,
    );
    expect((await load({ source: join(root, 'images') })).dataset.classes).toEqual(['cat', 'dog']);
    expect((await load({ classes: ['images'] })).dataset).toMatchObject({ count: 2, classes: ['images'] });
  });

  it('several levels too many are said like one', async () => {
    await writeFiles(root, { 'data/images/cat/1.png': picture, 'data/images/dog/1.png': picture });
    const failure = await failureOf(run({}));
    expect(failure.message).toBe(
      `${root}: its one class would be data, and data/images holds only folders: cat, dog`,
    );
    expect(failure.hint).toBe(
      `If those are the classes: --set load-images.source=${join(root, 'data/images')}. If data is one: classes: [data].`,
    );
  });

  it('folders around the pictures of one class are none', async () => {
    await writeFiles(root, { 'cat/2026/june/1.png': picture });
    expect((await load()).dataset).toMatchObject({ count: 1, classes: ['cat'] });
  });

  it('splits of other names than train and test are said', async () => {
    const files = ['training', 'validation'].flatMap(split =>
      ['cat', 'dog'].map(name => `${split}/${name}/1.png`),
    );
    await writeFiles(root, Object.fromEntries(files.map(path => [path, picture])));
    const failure = await failureOf(run({}));
    expect(failure.message).toBe(
      `${root}: its classes would be training, validation, which hold only folders of the same names: cat, dog`,
    );
    expect(failure.hint).toContain('Name the folders train and test');
  });

  it('one class may be folders, beside others', async () => {
    await writeFiles(root, {
      'cat/2020/1.png': picture,
      'cat/2021/1.png': picture,
      'dog/2020/1.png': picture,
    });
    expect((await load()).dataset.classes).toEqual(['cat', 'dog']);
  });

  it('empty ones are named, and those without a picture that can be read', async () => {
    await pets();
    await mkdir(join(root, 'bird', 'young'), { recursive: true });
    await writeFiles(root, { 'fish/1.png': 'no picture' });
    const { dataset, warnings } = await load();
    expect(dataset.classes).toEqual(['cat', 'dog', 'fish']);
    expect(warnings).toEqual([
      'folders without pictures, which are no classes: bird',
      expect.stringContaining('1 of 4 pictures cannot be read'),
      'classes without a picture that can be read: fish',
    ]);
  });
});

describe('a source that is no archive of tar', () => {
  const bytes = (...values: readonly (number | string)[]) =>
    Buffer.concat([
      ...values.map(value => (typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.of(value))),
      Buffer.alloc(600, 7),
    ]);

  it.each([
    ['pets.tar.zst', bytes(0x28, 0xb5, 0x2f, 0xfd), 'a zstd archive', 'tar --zstd -xf'],
    ['pets.tar.gz', bytes(0x28, 0xb5, 0x2f, 0xfd), 'a zstd archive', 'tar --zstd -xf'],
    ['pets.tar.xz', bytes(0xfd, '7zXZ', 0), 'an xz archive', 'tar -xJf'],
    ['pets.tar.bz2', bytes('BZh91AY&SY'), 'a bzip2 archive', 'tar -xjf'],
    ['pets.7z', bytes('7z\xbc\xaf\x27\x1c'), 'a 7z archive', '7z x'],
    ['pets.rar', bytes('Rar!\x1a\x07'), 'a RAR archive', 'unrar x'],
    ['pets.zip', bytes('PK\x03\x04'), 'a zip archive', 'unzip'],
    ['empty.zip', bytes('PK\x05\x06'), 'a zip archive', 'unzip'],
    ['pets.tar.lz4', bytes(0x04, 0x22, 0x4d, 0x18), 'an lz4 archive', 'lz4 -dc'],
    ['pets.tar.lz', bytes('LZIP'), 'an lzip archive', 'tar --lzip -xf'],
    ['pets.tar.Z', bytes(0x1f, 0x9d), 'a compress archive', 'tar -xZf'],
    ['pets.h5', bytes('\x89HDF\r\n\x1a\n'), 'an HDF5 file', 'one folder per class'],
    ['pets.parquet', bytes('PAR1'), 'a Parquet file', 'one folder per class'],
    ['cat.png', bytes('\x89PNG\r\n\x1a\n'), 'a picture', 'the folder'],
    ['cat.jpg', bytes('\xff\xd8\xff'), 'a picture', 'the folder'],
    ['pets.tar.gz', bytes('<!DOCTYPE html><html>'), 'a web page', 'Download it again'],
    [
      'pets.tar.gz',
      bytes('version https://git-lfs.github.com/spec/v1\n'),
      'a pointer of Git LFS',
      'git lfs pull',
    ],
    ['pets.tar.gz', Buffer.alloc(0), 'an empty file', 'Get it again'],
  ])('%s is told by its first bytes: %#', async (name, content, kind, hint) => {
    const source = join(root, name);
    await writeFile(source, content);
    const failure = await failureOf(run({ source }));
    expect(failure.message).toBe(`${source} is ${kind}, which cannot be read as a tar archive`);
    expect(failure.hint).toContain(hint);
  });

  it('as it is something else that gzip made is said without a stack', async () => {
    const source = join(root, 'pets.tar.gz');
    await writeFile(source, gzipSync(Buffer.alloc(5000, 'no tar ')));
    expect((await failureOf(run({ source }))).code).toMatch(/archive/);
  });
});

describe('a picture', () => {
  it('in CMYK, of 16 bits, of several frames, or without the ending of its kind is read', async () => {
    const image = () => sharp(picture);
    const frames = await sharp([picture, await image().negate().toBuffer()], { join: { animated: true } })
      .gif()
      .toBuffer();
    await writeFiles(root, {
      'a/cmyk.jpg': await image().toColourspace('cmyk').jpeg().toBuffer(),
      'a/deep.tiff': await image().toColourspace('rgb16').tiff().toBuffer(),
      'a/frames.gif': frames,
      'a/name.jpg': picture,
      'a/none': picture,
      [`a/${'n'.repeat(250)}.png`]: picture,
    });
    const { dataset, warnings } = await load({ onUnreadable: 'fail' });
    expect([dataset.count, warnings]).toEqual([6, []]);
  });
});
