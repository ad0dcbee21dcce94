import { describe, expect, it } from 'vitest';
import { brief, briefly, loadText, painting, problemsOf, valid } from './rig.ts';

/** Most seconds for any of these on a slow, busy machine; without the bounds they take minutes or never end. */
const PATIENCE = 30_000;

const only = async (text: string): Promise<string> => {
  const problems = problemsOf(await loadText(text));
  expect(problems.length).toBeLessThan(5);
  return problems[0] ? brief(problems[0]) : '';
};

describe('a hostile file', () => {
  it('of more than a megabyte is not read', async () => {
    expect(briefly(await loadText(`# ${'x'.repeat(1_000_000)}`))).toEqual(['p.yaml is too large']);
  });

  it.each([
    ['brackets', '['.repeat(500_000)],
    ['closed brackets', '['.repeat(400_000) + ']'.repeat(400_000)],
    ['braces', '{a: '.repeat(200_000)],
    ['dashes', '- '.repeat(400_000)],
    ['question marks', '? '.repeat(400_000)],
    ['indentation', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])(
    'nested deeply by %s is refused',
    async (_, text) => {
      expect(await only(text)).toContain('more than 64 levels of nesting');
    },
    PATIENCE,
  );

  it.each([
    ['keys', Array.from({ length: 120_000 }, (_, index) => `k${index}:`).join('\n')],
    ['commas', `[${','.repeat(900_000)}]`],
    ['anchors', '&a '.repeat(300_000)],
    ['directives', '%a\n'.repeat(300_000)],
    ['aliases', `a: &a 1\nb: [${'*a,'.repeat(300_000)}]`],
  ])(
    'of very many %s is refused',
    async (_, text) => {
      expect(await only(text)).toContain('more than 50000 values in one file');
    },
    PATIENCE,
  );

  it('that explodes by aliases is refused', async () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const previous = level === 0 ? 'x' : `*a${level - 1}`;
      return `  v${level}: &a${level} [${Array(10).fill(previous).join(', ')}]`;
    });
    expect(await only(`name: x\nvars:\n${levels.join('\n')}\n`)).toContain(
      'more than 50000 values once aliases are expanded',
    );
  });

  it('that explodes by variables is refused, as lists and as text', async () => {
    const explode = (first: string, next: (name: string) => string) =>
      Array.from({ length: 30 }, (_, level) =>
        level === 0 ? `  v0: ${first}` : `  v${level}: ${next(`\${v${level - 1}}`)}`,
      ).join('\n');
    const lists = explode('[x]', name => `["${name}", "${name}", "${name}"]`);
    const texts = explode('x', name => `"${name}${name}${name}"`);
    for (const vars of [lists, texts]) {
      const problems = problemsOf(await loadText(`vars:\n${vars}\n${painting('title: ${v29}')}`));
      expect(problems.map(({ code }) => code)).toContain('too-large');
    }
  });

  it('with control characters is refused', async () => {
    expect(await only('name: "a\u001b[2J"\n')).toContain('control characters are not allowed');
    expect(await only(painting('title: "a\\0b"'))).toContain('a NUL character is not allowed');
  });

  it.each([
    ['many lines', '\n      '],
    ['one line', ', '],
  ])(
    'with thousands of mistakes in %s is judged in time, and not all of them are shown',
    async (_, separator) => {
      const mistakes = Array.from({ length: 10_000 }, (_, index) => `unknown${index}: 1`);
      const params = separator === ', ' ? [`sample: { ${mistakes.join(separator)} }`] : mistakes;
      const problems = problemsOf(await loadText(painting(...params)));
      expect(problems).toHaveLength(101);
      expect(problems.at(-1)?.message).toBe('9900 more problems');
    },
    PATIENCE,
  );

  it(
    'that is large but sane is read',
    async () => {
      const layers = Array.from({ length: 2000 }, () => '      - { use: dense, units: 3 }');
      valid(await loadText(painting('model:', '  layers:', ...layers.map(line => line.slice(2)))));
    },
    PATIENCE,
  );
});
