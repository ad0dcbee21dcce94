import { describe, expect, it } from 'vitest';
import { alignColumns } from '../../src/core/align-columns.ts';

describe('text in columns', () => {
  it('is two spaces apart, without trailing spaces, on the left or on the right', () => {
    expect(
      alignColumns(
        [
          ['id', 'time', ''],
          ['exp-10', '1 s', 'done'],
          ['x', '10 s'],
        ],
        ['left', 'right'],
      ),
    ).toBe('id      time\nexp-10   1 s  done\nx       10 s\n');
  });

  it('has headings of any length', () => {
    expect(alignColumns([['a', 'b'], '', 'A long heading', ['c', 'd']])).toBe(
      'a  b\n\nA long heading\nc  d\n',
    );
  });

  it('takes colours for nothing, and wide characters for two', () => {
    expect(
      alignColumns([
        ['\u001b[32mok\u001b[39m', 'x'],
        ['図形', 'x'],
        ['–…', 'x'],
      ]),
    ).toBe('\u001b[32mok\u001b[39m    x\n図形  x\n–…    x\n');
  });
});
