import { expect, test } from 'vitest';
import * as words from '../../src/watch/words.ts';

test('what comes from a file cannot move the cursor', () => {
  const told = [
    words.changed('a\u001b[2J.yaml', ['name x → \u001b[31m', 'seed 1 → 2']),
    words.unchanged('a\u001b[2J.yaml', 'idle'),
    words.watching('a\u001b[2J.yaml'),
  ];
  expect(told).toEqual([
    'a\\u001b[2J.yaml changed:\n  name x → \\u001b[31m\n  seed 1 → 2',
    'a\\u001b[2J.yaml was saved, and nothing changed',
    'watching a\\u001b[2J.yaml — q quits',
  ]);
});
