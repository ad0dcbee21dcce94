import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Static } from 'typebox';
import { beforeEach, describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/core/failure.ts';
import { withExamples } from '../../src/data/dataset.ts';
import loadCsv from '../../src/stages/load-csv.ts';
import normalize from '../../src/stages/normalize.ts';
import { failureOf } from '../data/rig.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';

interface Fixture {
  readonly iris: {
    readonly rows: readonly (readonly number[])[];
    readonly labels: readonly number[];
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly range: readonly (readonly number[])[];
  };
  readonly homes: {
    readonly files: Readonly<Record<string, string>>;
    readonly categories: readonly string[];
    readonly 'rooms, area, heating': readonly (readonly number[])[];
    readonly price: readonly number[];
  };
}

const root = resolve(import.meta.dirname, '../..');
const { iris, homes } = JSON.parse(
  await readFile(join(root, 'tests/fixtures/tables/tables.json'), 'utf8'),
) as Fixture;
const irisFile = join(root, 'examples/data/iris.csv');

let folder = '';

beforeEach(async () => {
  folder = await temporaryFolder();
});

type Params = Partial<Static<(typeof loadCsv)['params']>>;

const run = (params: Params, signal?: AbortSignal) =>
  runStage(loadCsv, params, { inputs: {}, pipelineDir: folder, ...(signal && { signal }) });

async function load(params: Params, content?: string) {
  if (content !== undefined) await writeFile(join(folder, 't.csv'), content);
  const { outputs, context } = await run({ source: 't.csv', ...params });
  const { dataset } = outputs;
  return withExamples(dataset, examples => {
    const all = examples.batch(Array.from({ length: dataset.count }, (_, index) => index));
    const rows = Array.from({ length: dataset.count }, (_, index) => [
      ...all.subarray(index * dataset.channels, (index + 1) * dataset.channels),
    ]);
    const logged = context.events.flatMap(event => (event.type === 'log' ? [event.text] : []));
    const { labels, targets } = examples;
    return Promise.resolve({ dataset, rows, labels: [...labels], targets, logged, reports: context.reports });
  });
}

const rounded = (rows: readonly (readonly number[])[]) => rows.map(row => row.map(Math.fround));

describe('a table', () => {
  it('has its numbers, and its classes by name', async () => {
    const { dataset, rows, labels, reports } = await load({ source: irisFile, label: 'species' });
    expect(dataset).toMatchObject({ count: 150, shape: [4], classes: ['setosa', 'versicolor', 'virginica'] });
    expect(dataset.features).toEqual(['sepal_length', 'sepal_width', 'petal_length', 'petal_width']);
    expect(rows).toEqual(iris.rows);
    expect(labels).toEqual(iris.labels);
    expect(reports[0]).toMatch(/^150 examples of 4 numbers, 3 classes \(csv, .*iris\.csv\)$/);
  });

  it('is normalized as scikit-learn does it', async () => {
    const { dataset } = await load({ source: irisFile, label: 'species' });
    const transformOf = async (params: object) => {
      const { outputs } = await runStage(normalize, params, { inputs: { dataset } });
      return outputs.dataset.transform;
    };
    const standard = await transformOf({ mean: 'auto', std: 'auto' });
    iris.std.forEach((std, at) => {
      expect(standard.scale[at]).toBeCloseTo(1 / std, 10);
      expect(standard.offset[at]).toBeCloseTo(-(iris.mean[at] as number) / std, 10);
    });
    const { scale, offset } = await transformOf({});
    iris.rows.forEach((row, at) =>
      row.forEach((number, column) => {
        const value = number * (scale[column] as number) + (offset[column] as number);
        expect(value).toBeCloseTo(iris.range[at]?.[column] as number, 10);
      }),
    );
  });

  const ofHomes: Params = {
    targets: ['price'],
    features: ['rooms', 'area', 'heating'],
    categories: { heating: 'auto' },
    onMissing: 'mean',
  };

  it.each([
    ['comma', {}],
    ['semicolon', { delimiter: ';' }],
    ['tab', { delimiter: 'tab' }],
    ['quoted', {}],
    ['withIndex', {}],
    ['withMark', {}],
    ['withoutHeader', { header: ['address', 'rooms', 'heating', 'area', 'sold', 'price'] }],
  ])('as pandas writes it has what scikit-learn makes of it: %s', async (name, params) => {
    const loaded = await load({ ...ofHomes, ...params }, homes.files[name]);
    expect(rounded(loaded.rows)).toEqual(rounded(homes['rooms, area, heating']));
    expect(loaded.targets).toEqual(Float32Array.from(homes.price));
    expect(loaded.dataset).toMatchObject({ classes: [], targets: { names: ['price'] } });
    const categories = homes.categories.map(kind => `heating=${kind}`);
    expect(loaded.dataset.features).toEqual(['rooms', 'area', ...categories]);
    expect(loaded.logged).toEqual([
      'missing values are filled with the mean of their column: rooms (1), heating (1), area (1)',
    ]);
  });

  it('has all columns that are named and neither excluded nor predicted as features', async () => {
    const params = { targets: ['price'], exclude: ['address', 'heating'], onMissing: 0 };
    const { dataset, rows, logged } = await load(params, homes.files['withIndex']);
    expect(dataset.features).toEqual(['rooms', 'area', 'sold']);
    expect(rows[2]).toEqual([0, 120, 1]);
    expect(logged[0]).toBe('columns without a name are not learned from: column 1');
  });

  it('without names numbers its columns', async () => {
    const { dataset, rows } = await load({ header: false, label: 'column 3' }, '1,2,a\n3,4,b\n');
    expect(dataset).toMatchObject({ features: ['column 1', 'column 2'], classes: ['a', 'b'] });
    expect(rows).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('without label and targets is unlabelled, such as what is to be predicted', async () => {
    const { dataset, labels } = await load({}, 'x,y\n1,2\n3,4\n');
    expect(dataset).toMatchObject({ count: 2, classes: ['unlabelled'], features: ['x', 'y'] });
    expect(labels).toEqual([0, 0]);
  });

  it('may be longer than a block, and be cut by a limit', async () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => `${at},${at % 3 === 0 ? 'a' : 'b'}`);
    const content = `x,kind\n${rows.join('\n')}\n`;
    const all = await load({ label: 'kind' }, content);
    expect(all.rows.map(([x]) => x)).toEqual(rows.map((_, at) => at));
    expect(all.labels.slice(0, 4)).toEqual([0, 1, 1, 0]);
    expect((await load({ label: 'kind', limit: 12_345 }, content)).dataset.count).toBe(12_345);
  });

  it('stops when the user interrupts', async () => {
    await writeFile(join(folder, 't.csv'), 'x\n1\n');
    await expect(run({ source: 't.csv' }, AbortSignal.abort())).rejects.toBeInstanceOf(Interrupted);
  });
});

describe('classes of a table', () => {
  it('that are whole numbers are ordered by value', async () => {
    const { dataset, labels } = await load({ label: 'k' }, 'x,k\n1,10\n2,9\n3,-1\n');
    expect(dataset.classes).toEqual(['-1', '9', '10']);
    expect(labels).toEqual([2, 1, 0]);
  });

  it('may be chosen, in an order, also where a file lacks one of them', async () => {
    const { dataset, rows, labels, logged } = await load(
      { label: 'k', classes: ['c', 'a', 'z'] },
      'x,k\n1,a\n2,b\n3, c \n',
    );
    expect(dataset.classes).toEqual(['c', 'a', 'z']);
    expect([rows, labels]).toEqual([
      [[1], [3]],
      [1, 0],
    ]);
    expect(logged).toEqual(['1 of 3 rows are of other classes']);
  });
});

describe('categories', () => {
  it('may be listed, so that another file has the same columns', async () => {
    const params = { categories: { size: ['S', 'M', 'L'] } };
    const { dataset, rows } = await load(params, 'size,x\nL,1\nS,2\n');
    expect(dataset.features).toEqual(['size=S', 'size=M', 'size=L', 'x']);
    expect(rows).toEqual([
      [0, 0, 1, 1],
      [1, 0, 0, 2],
    ]);
  });
});

describe('missing values', () => {
  const content = 'x,y,k\n1,2,a\n,3,b\n4,NA,\n5,6,b\n7,8,a\n';

  it('stop the loading by default, with where they are and how many', async () => {
    const failure = await failureOf(load({ label: 'k' }, content));
    expect(failure.message).toMatch(
      /t\.csv:3:1: a value is missing here, as in .*t\.csv by column: x \(1\), k \(1\), y \(1\)$/,
    );
    expect(failure.hint).toContain('onMissing: drop');
  });

  it('take their rows with them where the user wants it so', async () => {
    const { rows, labels, logged } = await load({ label: 'k', onMissing: 'drop' }, content);
    expect(rows).toEqual([
      [1, 2],
      [5, 6],
      [7, 8],
    ]);
    expect(labels).toEqual([0, 1, 0]);
    expect(logged).toEqual(['2 of 5 rows are left out for missing values: x (1), k (1), y (1)']);
  });

  it('are never made up for labels and targets', async () => {
    for (const params of [{ label: 'k' }, { targets: ['k'] }]) {
      const numbers = content.replaceAll('a', '1').replaceAll('b', '2');
      const failure = await failureOf(load({ ...params, onMissing: 'mean' }, numbers));
      expect(failure.message).toMatch(/t\.csv:4:6: a value is missing here/);
      expect(failure.hint).toMatch(/^A label or target cannot be filled/);
    }
  });

  it('may be written in other ways', async () => {
    const params = { missing: ['?', '-999'], onMissing: 0 };
    expect((await load(params, 'x\n?\n-999\n3\n')).rows).toEqual([[0], [0], [3]]);
  });

  it('of a whole column have no mean', async () => {
    const failure = await failureOf(load({ onMissing: 'mean' }, 'x,y\n1,\n2,\n'));
    expect(failure.message).toMatch(/^column "y" of .* has no value in any row/);
    expect(failure.hint).toBe('Leave it out: exclude: ["y"].');
  });
});
