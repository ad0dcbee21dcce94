import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../src/storage/lines.ts';
import { temporaryFolder } from '../registry/rig.ts';

describe('lines of a file', () => {
  it('have their places in it, whatever the pieces in which it is read, and leave out a torn last one', () => {
    const path = join(temporaryFolder(), 'lines');
    writeFileSync(path, 'one\n\nzwölf\ntorn');
    const expected = [
      { text: 'one', number: 1, start: 0, end: 4 },
      { text: '', number: 2, start: 4, end: 5 },
      { text: 'zwölf', number: 3, start: 5, end: 12 },
    ];
    for (const piece of [1, 2, 3, 1000]) expect([...linesOf(path, { piece })]).toEqual(expected);
    expect([...linesOf(path, { from: 4 })].map(({ text, start }) => [text, start])).toEqual([
      ['', 4],
      ['zwölf', 5],
    ]);
  });

  it('of more than a megabyte are passed over', () => {
    const path = join(temporaryFolder(), 'lines');
    writeFileSync(path, `a\n${'x'.repeat(1 << 20)}\nb\n`);
    expect([...linesOf(path)].map(({ text }) => text)).toEqual(['a', 'b']);
  });
});
