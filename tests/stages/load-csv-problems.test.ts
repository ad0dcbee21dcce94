import { join } from 'node:path';
import type { Static } from 'typebox';
import { beforeEach, describe, expect, it } from 'vitest';
import { decide, loadValidPlan } from '../../src/run/session.ts';
import loadCsv from '../../src/stages/load-csv.ts';
import { failureOf, writeFiles } from '../data/rig.ts';
import { makeProject } from '../rig/pipe.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';

let folder = '';

beforeEach(async () => {
  folder = await temporaryFolder();
});

type Params = Partial<Static<(typeof loadCsv)['params']>>;

/** The failure of loading a table, without the folder that it lies in. */
async function refusal(content: string | Uint8Array, params: Params) {
  await writeFiles(folder, { 't.csv': content });
  const running = runStage(loadCsv, { source: 't.csv', ...params }, { inputs: {}, pipelineDir: folder });
  const { code, message, details, hint = '', exitCode } = await failureOf(running);
  expect(exitCode).toBe(2);
  return { code, message: message.replaceAll(/\S*\/t\.csv/g, 't.csv'), details, hint };
}

describe('a table that cannot be loaded', () => {
  it.each<[string, string | Uint8Array, Params, string]>([
    ['empty', '', {}, 't.csv is empty'],
    ['a header alone', 'x,y\n', {}, 't.csv has no rows'],
    ['no whole row', 'x\nNA\n', { onMissing: 'drop' }, 't.csv has no row without a missing value'],
    ['other classes', 'x,k\n1,a\n', { label: 'k', classes: ['b'] }, 't.csv has no row of "b"'],
    ['an uneven row', 'x,y\n1,2\n\n3\n', {}, 't.csv:4:2: the row has 1 fields, and the first row 2'],
    ['too many fields', 'x,y\n1,2,3\n', {}, 't.csv:2:5: the row has 3 fields, and the first row 2'],
    ['no such column', 'x,y\n1,2\n', { label: 'k' }, 'load-csv.label: t.csv has no column "k"'],
    ['no such target', 'x,y\n1,2\n', { targets: ['z'] }, 'load-csv.targets: t.csv has no column "z"'],
    ['two columns of a name', 'x,y,x\n1,2,3\n', {}, 't.csv:1:5: two columns of t.csv are called "x"'],
    [
      'a wrong header',
      '1,2\n',
      { header: ['x'] },
      't.csv:1:1: the row has 2 fields, and header names 1 columns',
    ],
    [
      'nothing to learn from',
      'k\na\nb\n',
      { label: 'k' },
      't.csv has no column left to learn from: its columns are k',
    ],
    [
      'one class',
      'x,k\n1,a\n2,a\n',
      { label: 'k' },
      'column "k" of t.csv has "a" in every row: there is nothing to tell apart',
    ],
    ['text', 'x,y\n1,2\n3, four\n', {}, 't.csv:3:3: column "y" has "four", which is no number'],
    [
      'text as a target',
      'x,y\n1,2\n3,four\n',
      { targets: ['y'] },
      't.csv:3:3: column "y" has "four", which is no number',
    ],
    ['a number of another notation', 'x\n0x1f\n', {}, 't.csv:2:1: column "x" has "0x1f", which is no number'],
    [
      'a decimal comma',
      'x;y\n1;2,5\n',
      { delimiter: ';' },
      't.csv:2:3: column "y" has "2,5", which is no number',
    ],
    ['an infinite number', 'x\ninf\n', {}, 't.csv:2:1: column "x" has "inf", which is no number'],
    [
      'too large a number',
      'x\n1e39\n',
      {},
      't.csv:2:1: column "x" has "1e39", which is too large for float32',
    ],
    [
      'a category that is not listed',
      'c\nred\nblue\n',
      { categories: { c: ['red'] } },
      't.csv:3:1: column "c" has "blue", which is none of its categories',
    ],
    ['a folder', '', { source: '.' }, expect.stringContaining('is a folder, and a file is needed') as string],
  ])('is said: %s', async (_, content, params, message) => {
    expect((await refusal(content, params)).message).toEqual(message);
  });

  it('has columns by other names: which, and which is meant', async () => {
    const found = await refusal('sepal,species\n1,a\n', { label: 'specis' });
    expect(found.details).toEqual(['It has sepal, species.']);
    expect(found.hint).toBe('did you mean "species"?');
  });

  it('is divided by another character', async () => {
    const found = await refusal('x;y\n1;2\n', { label: 'y' });
    expect(found.details.at(-1)).toBe(
      'That is one column, with ";" in it: the file may be one of delimiter: ";".',
    );
  });

  it('has more columns of text: all of them at once, with the ways out', async () => {
    const found = await refusal('id,name,city,x\n1,Ann,Rome,2\n', {});
    expect(found.details).toEqual(['The same row has no numbers in city.']);
    expect(found.hint).toBe(
      'Exclude the column (exclude: ["name"]), declare its categories (categories: { "name": auto }), or say that the text stands for a missing value (missing: ["", "Ann"]).',
    );
  });

  it('has more classes than a byte can tell, or more categories than an example should have', async () => {
    const rows = Array.from({ length: 1001 }, (_, at) => `${at},t${at}`).join('\n');
    const classes = await refusal(`x,k\n${rows}\n`, { label: 'k' });
    expect(classes.message).toBe(
      'column "k" of t.csv has more than 256 values, and no more classes are possible',
    );
    expect(classes.hint).toContain('targets: ["k"]');
    const categories = await refusal(`x,k\n${rows}\n`, { categories: { k: 'auto' } });
    expect(categories.message).toMatch(/^column "k" of t\.csv has more than 1000 values/);
  });
});

describe('the parameters of load-csv', () => {
  const params = {
    source: 't.csv',
    delimiter: ',',
    header: true,
    exclude: [],
    categories: {},
    missing: [''],
  };
  const check = (more: Params) =>
    (loadCsv.check?.({ ...params, onMissing: 'fail', ...more }) ?? []).map(({ path }) => path.join('.'));

  it('contradict each other in no way', () => {
    expect(check({})).toEqual([]);
    expect(check({ label: 'k', targets: ['y'] })).toEqual(['targets']);
    expect(check({ classes: ['a'] })).toEqual(['classes']);
    expect(check({ features: ['x'], exclude: ['y'] })).toEqual(['exclude']);
    expect(check({ features: ['x', 'k'], label: 'k' })).toEqual(['features.1']);
    expect(check({ categories: { k: 'auto' }, label: 'k' })).toEqual(['categories.k']);
    expect(check({ categories: { c: 'auto' }, features: ['x'] })).toEqual(['categories.c']);
  });

  it('tell what is known of the data set before it is read', () => {
    const outline = (more: Params) =>
      loadCsv.outline?.({ ...params, onMissing: 'fail', ...more }, {}).outputs?.dataset;
    expect(outline({})).toMatchObject({ shape: [undefined], classes: ['unlabelled'] });
    expect(outline({ label: 'k', classes: ['a', 'b'] })).toMatchObject({ classes: ['a', 'b'] });
    const categories = { c: ['red', 'green'] };
    expect(outline({ features: ['x', 'c'], categories })).toMatchObject({ shape: [3], channels: 3 });
    expect(outline({ targets: ['y'] })).toMatchObject({ classes: [], targetNames: ['y'] });
  });
});

describe('before an experiment begins', () => {
  const pipeline = 'name: x\nstages:\n  - use: load-csv\n    params: { source: t.csv, label: k }\n';

  async function problems(content: string | undefined, more = '') {
    const files = { 'p.yaml': pipeline + more, ...(content !== undefined && { 't.csv': content }) };
    const project = await makeProject(files);
    const session = { cwd: project.dir, env: {}, experiments: undefined, command: [] };
    const failure = await failureOf(
      loadValidPlan('p.yaml', [], session).then(plan => decide(plan, {}, session)),
    );
    expect(await project.exists('experiments')).toBe(false);
    return failure.problems.map(({ message, location }) => `${location?.line ?? 0}: ${message}`);
  }

  it('what is wrong with the file is told, at the stage that reads it', async () => {
    expect(await problems(undefined)).toEqual([expect.stringMatching(/^4: there is no t\.csv/)]);
    expect(await problems('x,k\n1,a\n')).toEqual([
      expect.stringMatching(/^3: column "k" of t\.csv has "a" in/),
    ]);
    expect(await problems('x,k\n1,a\n2.5.3,b\n')).toEqual([
      expect.stringMatching(/^3: t\.csv:3:1: column "x" has "2\.5\.3", which is no number/),
    ]);
  });

  it('so is that networks of images cannot learn from it', async () => {
    const stages = '  - use: build-model\n    params: { model: cgan }\n  - use: train\n';
    const message = 'the data set is numbers of shape [?], and images are needed';
    expect(await problems('x,k\n1,a\n2,b\n', stages)).toEqual([`5: ${message}`, `7: ${message}`]);
  });
});

it('a table beyond what is checked beforehand is loaded block by block', async () => {
  const row = `${'1234567.5,'.repeat(40)}`;
  const many = Array.from({ length: 25_000 }, (_, at) => `${row}${at % 2 === 0 ? 'a' : 'b'}`);
  const names = Array.from({ length: 40 }, (_, at) => `x${at}`);
  await writeFiles(folder, { 'large.csv': `${names.join(',')},k\n${many.join('\n')}\n${'1,'.repeat(40)}\n` });
  const params = { source: 'large.csv', label: 'k' };
  const key = loadCsv.cacheKey?.(
    {
      ...params,
      delimiter: ',',
      header: true,
      exclude: [],
      categories: {},
      missing: [''],
      onMissing: 'fail',
    },
    {
      id: 'load-csv',
      cwd: folder,
      pipelineDir: folder,
      home: folder,
      env: {},
      digest: path => Promise.resolve(path),
    },
  );
  await expect(key).resolves.toBe(join(folder, 'large.csv'));
  const { outputs } = await runStage(
    loadCsv,
    { ...params, onMissing: 'drop' },
    { inputs: {}, pipelineDir: folder },
  );
  expect(outputs.dataset.count).toBe(25_000);
});
