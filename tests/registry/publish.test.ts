import type * as fs from 'node:fs';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newExperiment } from './experiment.ts';
import { temporaryFolder, temporaryRegistry } from './rig.ts';

vi.mock('node:fs', async original => {
  const real = await original<typeof fs>();
  return { ...real, linkSync: vi.fn(real.linkSync) };
});

afterEach(() => vi.mocked(linkSync).mockReset());

async function sampling() {
  const registry = temporaryRegistry();
  const writer = await registry.claim(newExperiment());
  const output = await writer.beginStage('train');
  const published = (...path: string[]) => join(writer.dir, 'artifacts', 'train', ...path);
  const inStaging = () =>
    readdirSync(join(registry.dir, '.staging')).flatMap(name =>
      readdirSync(join(registry.dir, '.staging', name)),
    );
  // What a run holds from its beginning is nothing unfinished.
  const before = inStaging();
  const staged = () => inStaging().filter(name => !before.includes(name));
  return { writer, output, published, staged };
}

describe('publishing', () => {
  it('shows a file of the output under artifacts/, without a second copy on the disk', async () => {
    const { writer, output, published } = await sampling();
    writeFileSync(join(output, 'grid.png'), 'pixels');
    await writer.publish('train', 'grid.png');
    expect(statSync(published('grid.png')).ino).toBe(statSync(join(output, 'grid.png')).ino);
  });

  it.each([
    ['the file system makes no links', 'EXDEV'],
    ['a file has as many as it may', 'EMLINK'],
  ])('copies where %s', async (_, code) => {
    const { writer, output, published } = await sampling();
    writeFileSync(join(output, 'grid.png'), 'pixels');
    vi.mocked(linkSync).mockImplementation(() => {
      throw Object.assign(new Error('no link'), { code, errno: -1 });
    });
    await writer.publish('train', 'grid.png');
    expect(readFileSync(published('grid.png'), 'utf8')).toBe('pixels');
    expect(statSync(published('grid.png')).ino).not.toBe(statSync(join(output, 'grid.png')).ino);
  });

  it('replaces what was published before, and leaves nothing unfinished', async () => {
    const { writer, output, published, staged } = await sampling();
    writeFileSync(join(output, 'grid.png'), 'epoch 1');
    await writer.publish('train', 'grid.png');
    await writer.publish('train', 'grid.png');
    rmSync(join(output, 'grid.png'));
    writeFileSync(join(output, 'grid.png'), 'epoch 2');
    await writer.publish('train', 'grid.png');
    expect(readFileSync(published('grid.png'), 'utf8')).toBe('epoch 2');
    expect(staged()).toEqual([]);
  });

  it('shows every file of a folder', async () => {
    const { writer, output, published } = await sampling();
    mkdirSync(join(output, 'model', 'generator'), { recursive: true });
    writeFileSync(join(output, 'model', 'generator', 'model.json'), '{}');
    await writer.publish('train', 'model');
    expect(readFileSync(published('model', 'generator', 'model.json'), 'utf8')).toBe('{}');
    await writer.publish('train', '.');
    expect(readdirSync(published())).toEqual(['model']);
  });

  it.each(['../../../experiment.json', '/etc/passwd', '', 'a\0b', 'model/../../x'])(
    'refuses %j, which is not inside the output folder',
    async path => {
      const { writer } = await sampling();
      await expect(writer.publish('train', path)).rejects.toThrow(
        "it is not inside the stage's output folder",
      );
    },
  );

  it('refuses a link that leads outside, and takes one that stays inside as its file', async () => {
    const { writer, output, published } = await sampling();
    const secret = join(temporaryFolder(), 'secret');
    writeFileSync(secret, 'secret');
    symlinkSync(secret, join(output, 'leak'));
    await expect(writer.publish('train', 'leak')).rejects.toThrow('cannot publish "leak"');
    expect(existsSync(published('leak'))).toBe(false);
    writeFileSync(join(output, 'last.png'), 'pixels');
    symlinkSync('last.png', join(output, 'newest.png'));
    await writer.publish('train', 'newest.png');
    expect(lstatSync(published('newest.png')).isFile()).toBe(true);
  });

  it('says when there is no such file', async () => {
    const { writer, output } = await sampling();
    await expect(writer.publish('train', 'gird.png')).rejects.toThrow(
      `cannot publish "gird.png": there is no such file in ${output}`,
    );
  });
});
