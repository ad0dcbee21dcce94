import { describe, expect, it } from 'vitest';
import { loadText, problemsOf } from './rig.ts';

const TABS = 'indent with spaces';
const ITEMS = 'begin each item of a list with "- "';

/** The hints of every problem with a text. */
const hints = async (...lines: readonly string[]) =>
  problemsOf(await loadText(`name: x\n${lines.join('\n')}\n`)).map(({ hint }) => hint);

describe('a slip in YAML gets the hint that mends it, and no other', () => {
  it.each([
    ['a tab', ['stages:', '\t- use: gif'], [TABS]],
    ['a tab after spaces', ['stages:', '  - use: gif', '  \tparams: {}'], [TABS]],
    ['a tab after a dash', ['stages:', '  -\tuse: gif'], [TABS]],
    ['a tab under a list', ['stages:', '  - use: gif', '\tparams: {}'], [TABS]],
    ['a tab before a list', ['stages:', '  use: a', '\t- use: b'], [TABS]],
    ['no dash before the first item', ['stages:', '  use: a', '  - use: b'], [ITEMS]],
    ['no dash before the second item', ['stages:', '  - use: a', '  use: b'], [ITEMS]],
    ['no dash before a word', ['vars:', '  a:', '    - b', '    c', 'stages: []'], [ITEMS]],
    ['no dash at all', ['stages:', '  use: ./paint.ts'], [ITEMS]],
    [
      'no dash before either',
      ['stages:', '  use: a', '  use: b'],
      [ITEMS, `remove one of the two, or ${ITEMS}`],
    ],
    [
      'a list of words without dashes',
      ['stages:', '  - use: ./paint.ts', '    params:', '      tags:', '        cat', '        dog'],
      [ITEMS],
    ],
    ['no space after a dash', ['stages:', '  -use: gif'], ['put a space after the dash: "- use: …"']],
    [
      'no space after a colon',
      ['stages:', '  - use: ./paint.ts', '    params:', '      epochs:3'],
      ['put a space after the colon: "epochs: 3"'],
    ],
    [
      'no colon',
      ['stages:', '  - use: ./paint.ts', '    params:', '      epochs 3'],
      ['put a colon and a space between them: "epochs: 3"'],
    ],
    ['no colon before a list', ['stages', '  - use: gif'], ['put a colon after it: "stages:"']],
    [
      'a line that is indented too deep',
      ['stages:', '  - use: gif', '      params: {}'],
      ['the line after it is indented deeper than the key that it belongs beside'],
    ],
    [
      'a colon in a value',
      ['stages:', '  - use: gif', '    params: a: b'],
      ['a value that contains ": " needs quotes'],
    ],
    ['a character that YAML reserves', ['vars: { a: @b }', 'stages: []'], ['put the value in quotes']],
  ])('%s', async (_, lines, expected) => {
    const found = (await hints(...lines)).filter(hint => hint !== undefined);
    expect(found.slice(0, expected.length)).toEqual(expected);
    if (!expected.includes('put the value in quotes') && !expected[0]?.includes('needs quotes'))
      expect(JSON.stringify(found)).not.toContain('quotes');
  });
});
