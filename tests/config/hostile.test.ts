import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { brief, briefly, loadText, painting, problemsOf, projectWith, valid } from './rig.ts';

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

describe('a path that leads to no file', () => {
  /** Each place where a pipeline names a file: the text, where the path begins, and the ending that it needs. */
  const places = {
    extends: [(path: string) => `name: x\nextends: "${path}"\n`, '2:10', 'yaml', 'file'],
    use: [(path: string) => `name: x\nstages:\n  - { id: a, use: "${path}" }\n`, '3:19', 'ts', 'stage file'],
    parameter: [(path: string) => painting(`model: "${path}"`), '5:14', 'yaml', 'file'],
  } as const;

  const long = 'x'.repeat(5000);
  const hostile = [
    ['a folder', './folder', 'folder', 'is not a file'],
    ['a named pipe that nobody writes to', './fifo', 'fifo', 'is not a file'],
    ['a device without end', './device', 'device', 'is not a file'],
    ['links in a circle', './loop', 'loop', 'its symbolic links lead in a circle'],
    ['a very long name', `./${long}`, long, 'the name is too long'],
    ['a path through a file', './p.yaml/a', 'p.yaml/a', 'no'],
    ['a link to nothing', './nothing', 'nothing', 'no'],
    ['a path out of the project', '../../nothing', '../../nothing', 'no'],
    ['an absolute path', '/nothing', '/nothing', 'no'],
    ['control characters', './a\\e[2J', 'a\u001b[2J', 'no'],
  ] as const;

  const cases = Object.keys(places).flatMap(place => hostile.map(each => [place, ...each] as const));

  it.each(cases)('by %s, as %s, is named with its place', async (place, _, path, name, reason) => {
    const [text, at, ending, noun] = places[place as keyof typeof places];
    const { project, load } = await projectWith({
      'p.yaml': text(`${path}.${ending}`),
      [`folder.${ending}/inner`]: '',
    });
    execFileSync('mkfifo', [project.path(`fifo.${ending}`)]);
    symlinkSync('/dev/zero', project.path(`device.${ending}`));
    symlinkSync(`loop.${ending}`, project.path(`loop.${ending}`));
    symlinkSync('gone', project.path(`nothing.${ending}`));
    const problems = problemsOf(await load());
    const shown = `${name}.${ending}`;
    const message =
      reason === 'no'
        ? `no ${noun} ${shown}`
        : reason === 'is not a file'
          ? `${shown} ${reason}`
          : `cannot read ${shown}: ${reason}`;
    expect(problems.map(({ message, location }) => [message, location?.line, location?.column])).toEqual([
      [message, ...at.split(':').map(Number)],
    ]);
  });

  it.each(Object.entries(places))(
    'by %s, with a NUL character, is one mistake',
    async (_, [text, at, ending]) => {
      const problems = problemsOf(await loadText(text(`./a\\0.${ending}`)));
      expect(problems.map(brief)).toEqual([
        expect.stringMatching(new RegExp(`^p\\.yaml:${at} .* a NUL character is not allowed$`)),
      ]);
    },
  );

  const kernel = '/proc/kallsyms';

  it.skipIf(!existsSync(kernel))('or to one that says that it is empty is not read to its end', async () => {
    const result = await loadText(`name: x\nextends: ${kernel}\n`);
    expect(briefly(result)).toEqual([`p.yaml:2:10 [${kernel}] ${kernel} is too large`]);
  });
});
