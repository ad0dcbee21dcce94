import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/registry/index.ts';
import { temporaryFolder } from './rig.ts';

const keep = { force: false };
const move = { force: true };

describe('a tag', () => {
  it('is a file with an experiment’s id', () => {
    const { dir, tags } = openRegistry(temporaryFolder());
    expect(tags.set('best', 'exp-12', keep)).toBeUndefined();
    expect(readFileSync(join(dir, '.tags', 'best'), 'utf8')).toBe('exp-12\n');
    expect([...tags.all().tags]).toEqual([['best', 'exp-12']]);
    expect(readdirSync(join(dir, '.staging'))).toEqual([]);
  });

  it('stays where it is unless it is moved on purpose', () => {
    const { tags } = openRegistry(temporaryFolder());
    tags.set('best', 'exp-3', keep);
    expect(tags.set('best', 'exp-3', keep)).toBe('exp-3');
    expect(() => tags.set('best', 'exp-12', keep)).toThrow('tag best points to exp-3, not to exp-12');
    expect(tags.set('best', 'exp-12', move)).toBe('exp-3');
    expect(tags.all().tags.get('best')).toBe('exp-12');
  });

  it('goes, and its experiment stays', () => {
    const { dir, tags } = openRegistry(temporaryFolder());
    tags.set('best', 'exp-3', keep);
    tags.remove('best');
    expect(tags.all().tags.size).toBe(0);
    expect(() => tags.remove('best')).toThrow(`there is no tag best in ${dir}`);
  });

  it('is one of several that an experiment has', () => {
    const { tags } = openRegistry(temporaryFolder());
    for (const name of ['prod', 'best']) tags.set(name, 'exp-3', keep);
    tags.set('v1.0', 'exp-1', keep);
    expect([...tags.all().byId]).toEqual([
      ['exp-3', ['best', 'prod']],
      ['exp-1', ['v1.0']],
    ]);
  });

  it('is damaged when its file holds something else', () => {
    const { dir, tags } = openRegistry(temporaryFolder());
    mkdirSync(join(dir, '.tags', 'folder'), { recursive: true });
    const contents = { empty: '', half: 'exp-', other: '../exp-1', huge: 'exp-1'.padEnd(1000), ok: 'exp-1' };
    for (const [name, text] of Object.entries(contents)) writeFileSync(join(dir, '.tags', name), text);
    // What editors and file managers leave is no tag.
    for (const name of ['.DS_Store', 'best~']) writeFileSync(join(dir, '.tags', name), 'exp-1\n');
    const { tags: intact, damaged } = tags.all();
    expect([...intact.keys()]).toEqual(['ok']);
    expect(damaged).toEqual(['empty', 'folder', 'half', 'huge', 'other']);
    expect(() => tags.set('half', 'exp-1', keep)).toThrow(
      'tag half is damaged: its file names no experiment',
    );
    tags.set('half', 'exp-1', move);
    expect(tags.all().tags.get('half')).toBe('exp-1');
  });

  it.each([
    ['', 'it is empty'],
    ['x'.repeat(101), 'it is longer than 100 bytes'],
    ['a/b', 'it has other characters than letters, digits, ".", "_" and "-"'],
    ['..', 'it does not begin with a letter, a digit or "_"'],
    ['-x', 'it does not begin with a letter, a digit or "_"'],
    ['é', 'it has other characters'],
    ['\u001b[2J', '"\\u001b[2J" cannot be a tag'],
    ['exp-3', 'it looks like the number of an experiment'],
    ['EXP_3', 'it looks like the number of an experiment'],
    ['12', 'it looks like the number of an experiment'],
    ['latest', 'it stands for the newest finished experiment'],
    ['latest:cgan', 'it has other characters'],
  ])('cannot be called %j', (name, problem) => {
    const { dir, tags } = openRegistry(temporaryFolder());
    expect(() => tags.set(name, 'exp-1', keep)).toThrow(problem);
    expect(() => tags.remove(name)).toThrow(problem);
    expect(readdirSync(dir)).toEqual([]);
  });
});
