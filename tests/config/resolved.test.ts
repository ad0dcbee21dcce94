import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { problemsOf, projectWith, stageOf, valid } from './rig.ts';
import { seedWords, testSeed } from '../rig/seed.ts';

const STAGE = `
import { defineStage, Type } from 'pipe';
export default defineStage({
  name: 'words',
  version: 1,
  summary: 'Words.',
  params: Type.Object({
    words: Type.Record(Type.String(), Type.Unknown(), { default: {}, description: 'Anything.' }),
    one: Type.Optional(Type.String({ description: 'A text.' })),
    model: Type.Optional(Type.Object({}, { additionalProperties: true, yamlFile: true, description: 'A file.' })),
    /* more */
  }),
  inputs: {},
  outputs: {},
  run: async () => ({}),
});
`;

const project = (params: string, files: Readonly<Record<string, string>> = {}) =>
  projectWith({
    'words.ts': STAGE,
    'p.yaml': `name: x\nstages:\n  - use: ./words.ts\n    params: ${params}\n`,
    ...files,
  });

/** A text in YAML that any reader of it takes for itself. */
const quoted = (text: string): string =>
  `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;

const PIECES = [
  ...['\u0085', '\u2028', '\u2029', '\u0001', '\u001b[2J', '\u007f', '\u009f', '\ufeff', '\ufffe', '\uffff'],
  ...['\ud800', '\udc00', '😀', '👩‍👧', '\u200b', '\u202e', 'é', 'e\u0301', '\u00a0', '\u3000'],
  ...['\r', '\n', '\r\n', '\t', ' ', '  ', '\n\n', ' \n', '\n ', '\b', '\f', '\v'],
  ...[
    '#',
    ': ',
    ' #',
    '- ',
    '? ',
    '|',
    '>',
    '%',
    '@',
    '`',
    '!',
    '!!binary ',
    '&a',
    '*a',
    '${',
    '$${',
    '${env.X}',
  ],
  ...[
    '"',
    "'",
    '\\',
    '\\n',
    '[',
    ']',
    '{',
    '}',
    ',',
    '---',
    '...',
    '<<',
    '=',
    '~',
    'null',
    'true',
    'yes',
    '__x',
  ],
  ...['0123', '1.10', '0x10', '1e3', '.inf', '.nan', '-0', '+1', '1_000', '2024-01-01', '12:30:45', 'x'],
];

function randomText(random: Random): string {
  if (random.integer(0, 39) === 0) return 'long line '.repeat(random.integer(200, 500));
  return Array.from({ length: random.integer(0, 5) }, () => random.pick(PIECES)).join('');
}

describe('a resolved pipeline', () => {
  it(`reads back whatever is in it (${seedWords})`, async () => {
    const random = new Random(testSeed);
    const texts = [...PIECES, '', ...Array.from({ length: 600 }, () => randomText(random))];
    const words = Object.fromEntries(
      texts.map((text, at) => [
        at % 3 === 0 ? text : `k${at}`,
        at % 5 === 0 ? [text, { [text]: text }] : text,
      ]),
    );
    const written = (value: unknown): string =>
      typeof value === 'string'
        ? quoted(value.replaceAll('${', () => '$${'))
        : Array.isArray(value)
          ? `[${value.map(written).join(', ')}]`
          : `{ ${Object.entries(value as object)
              .map(([key, inner]) => `? ${quoted(key)}\n      : ${written(inner)}`)
              .join(', ')} }`;
    const { load, project: folder } = await project(`{ words: ${written(words)} }`);
    const first = valid(await load());
    expect(stageOf(first, 'words').params['words']).toEqual(words);
    await folder.write('elsewhere/resolved.yaml', first.resolvedText);
    const second = valid(await load({ file: 'elsewhere/resolved.yaml' }));
    expect(stageOf(second, 'words').params).toEqual(stageOf(first, 'words').params);
    expect(second.resolvedText).toBe(first.resolvedText);
  });

  it('reads back what the environment gives', async () => {
    const env = Object.fromEntries(PIECES.map((text, at) => [`V${at}`, text]));
    const names = Object.keys(env).map(name => `${name}: "\${env.${name}}"`);
    const { load, project: folder } = await project(`{ words: { ${names.join(', ')} } }`);
    const first = valid(await load({ env }));
    expect(stageOf(first, 'words').params['words']).toEqual(env);
    await folder.write('resolved.yaml', first.resolvedText);
    expect(stageOf(valid(await load({ file: 'resolved.yaml' })), 'words').params['words']).toEqual(env);
  });

  it('keeps keys as they are written', async () => {
    const { load } = await project('{ words: { 1.10: a, 0123: b, 0x10: c, null: d, ~: e, True: f, 1: g } }');
    const params = stageOf(valid(await load()), 'words').params;
    expect(params['words']).toEqual({
      '1.10': 'a',
      '0123': 'b',
      '0x10': 'c',
      null: 'd',
      '~': 'e',
      True: 'f',
      1: 'g',
    });
  });

  it('is refused when it would be too large or too deep to be read again', async () => {
    const files = {
      'large.yaml': `a: "${'x'.repeat(600_000)}"\n`,
      'deep.yaml': `a: ${'['.repeat(62)}${']'.repeat(62)}\n`,
    };
    const { load, project: folder } = await project('{ model: large.yaml }', files);
    const reasons = async (text: string) => {
      await folder.write('p.yaml', text);
      return problemsOf(await load()).map(({ message, location }) => [location?.line, message]);
    };
    const start = 'name: x\nstages:\n  - use: ./words.ts\n';
    const tooMuch = 'the pipeline is too large to be recorded, with all that it includes:';
    expect(await reasons(`${start}    params: { model: deep.yaml }\n`)).toEqual([
      [2, `${tooMuch} more than 64 levels of nesting`],
    ]);
    const twice = '  - { use: ./words.ts, id: b, params: { model: large.yaml } }\n';
    expect(await reasons(`${start}    params: { model: large.yaml }\n${twice}`)).toEqual([
      [2, `${tooMuch} 1.2 MB, of at most 1 MB`],
    ]);
  });
});
