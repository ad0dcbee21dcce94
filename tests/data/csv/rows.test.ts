import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readRows } from '../../../src/data/csv/rows.ts';
import { temporaryFolder } from '../../rig/stage-context.ts';
import { failureOf } from '../rig.ts';

let file = '';

beforeEach(async () => {
  file = join(await temporaryFolder(), 't.csv');
});

async function read(content: string | Uint8Array, delimiter = ',') {
  await writeFile(file, content);
  const rows = [];
  for await (const block of readRows(file, { name: 't.csv', delimiter })) rows.push(...block);
  return rows;
}

const fieldsOf = async (content: string | Uint8Array, delimiter?: string) =>
  (await read(content, delimiter)).map(({ fields }) => fields);

describe('rows of CSV', () => {
  it.each([
    ['LF', 'a,b\n1,2\n'],
    ['CRLF', 'a,b\r\n1,2\r\n'],
    ['CR', 'a,b\r1,2\r'],
    ['mixed ends', 'a,b\r\n1,2\n'],
    ['no end at the end', 'a,b\n1,2'],
    ['a byte order mark', '\ufeffa,b\n1,2\n'],
    ['empty lines', '\na,b\n\n  \n1,2\n\n'],
    ['quotes', '"a","b"\r\n"1",2\r\n'],
  ])('may have %s', async (_, content) => {
    expect(await fieldsOf(content)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  it('may have delimiters, line ends and quotes in quoted fields', async () => {
    const content = 'name,x\n"Braund, Mr. ""Owen""",1\n"two\r\nlines",""\n5" pipe,2\n';
    expect(await fieldsOf(content)).toEqual([
      ['name', 'x'],
      ['Braund, Mr. "Owen"', '1'],
      ['two\nlines', ''],
      ['5" pipe', '2'],
    ]);
  });

  it('may be divided by another character', async () => {
    expect(await fieldsOf('a;"b;c"\n1,5;2\n', ';')).toEqual([
      ['a', 'b;c'],
      ['1,5', '2'],
    ]);
    expect(await fieldsOf('a\t\t1\n', '\t')).toEqual([['a', '', '1']]);
  });

  it('are none in an empty file', async () => {
    expect(await fieldsOf('')).toEqual([]);
    expect(await fieldsOf('\ufeff\r\n')).toEqual([]);
  });

  it('know where each field begins', async () => {
    const rows = await read('a,"b\n""c"", d",e\n\n1,"2",3\n');
    expect(rows[0]?.place(1)).toBe('t.csv:1:3');
    expect(rows[0]?.place(2)).toBe('t.csv:2:11');
    expect([0, 1, 2].map(field => rows[1]?.place(field))).toEqual(['t.csv:4:1', 't.csv:4:3', 't.csv:4:7']);
    // Beyond the last field: the end of the row.
    expect(rows[1]?.place(3)).toBe('t.csv:4:8');
  });

  it('are read in blocks, whose borders lie anywhere in a row', async () => {
    const row = (at: number) => [String(at), `"é, ${'x'.repeat(at % 50)}"`, '"two\r\nlines"'];
    const many = Array.from({ length: 60_000 }, (_, at) => row(at).join(','));
    const rows = await read(`${many.join('\r\n')}\r\n`);
    expect(rows).toHaveLength(many.length);
    const last = rows.at(-1);
    expect(last?.fields).toEqual(['59999', `é, ${'x'.repeat(49)}`, 'two\nlines']);
    // Each row takes two lines.
    expect(last?.place(0)).toBe('t.csv:119999:1');
  });
});

describe('a file that is no CSV', () => {
  it('as a quote is not closed, or is not doubled, is said with its place', async () => {
    const open = await failureOf(read('a,b\n1,"2\n3,4\n'));
    expect(open.message).toMatch(/^t\.csv:2:3: a quoted field begins here and does not end/);
    const single = await failureOf(read('a,b\n"say "hi" there",2\n3,4\n'));
    expect(single.message).toMatch(/^t\.csv:2:1: /);
    expect(single).toMatchObject({ exitCode: 2, hint: expect.stringContaining('written twice') as string });
  });

  it('as a quote is never closed is given up long before it fills the memory', async () => {
    const failure = await failureOf(read(`a\n1\n"${'x\n'.repeat(2 ** 22)}`));
    expect(failure.message).toMatch(/^t\.csv:3:1: a quoted field begins here/);
  });

  it('as it is UTF-16, of another encoding or binary is said', async () => {
    for (const content of [
      Buffer.from('\ufeffa,b\n', 'utf16le'),
      Buffer.from('a\nMünchen\n', 'latin1'),
      Buffer.from('PK\x03\x04\0\0'),
    ]) {
      const failure = await failureOf(read(content));
      expect(failure.message).toBe('t.csv is no UTF-8 text');
    }
  });

  it('as it is not there is said', async () => {
    const none = readRows('/nowhere.csv', { name: 'nowhere.csv', delimiter: ',' }).next();
    expect((await failureOf(none)).message).toMatch(/^cannot read \/nowhere\.csv: it does not exist/);
  });
});
