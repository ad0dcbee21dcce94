import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './markdown.ts';

const all = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
const sources = all.filter(name => name.endsWith('.ts'));
const lines = (name: string) =>
  readFileSync(join(root, 'src', name), 'utf8')
    .trimEnd()
    .split('\n').length;

describe('files of src/', () => {
  it('have at most 250 lines, half of them fewer than 80', () => {
    const lengths = sources.map(name => ({ name, length: lines(name) }));
    expect(lengths.filter(({ length }) => length > 250)).toEqual([]);
    const sorted = lengths.map(({ length }) => length).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(80);
  });

  it('have their tests in a folder of the same name', () => {
    const folders = [...new Set(sources.map(name => name.split('/')[0] ?? ''))];
    const untested = folders.filter(name => !name.endsWith('.ts') && !existsSync(join(root, 'tests', name)));
    expect(untested).toEqual([]);
  });
});
