import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Static } from 'typebox';
import { beforeEach, describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/core/failure.ts';
import { withExamples } from '../../src/data/dataset.ts';
import { openArrays } from '../../src/data/npy/open.ts';
import { readRows } from '../../src/data/npy/rows.ts';
import { loadPlan } from '../../src/plan/load-plan.ts';
import loadArrays from '../../src/stages/load-arrays.ts';
import { failureOf, writeFiles } from '../data/rig.ts';
import { makeProject } from '../rig/pipe.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';

interface Fixture {
  readonly cases: Readonly<
    Record<string, { readonly file: string; readonly shape: number[]; readonly values: number[] }>
  >;
  readonly refused: Readonly<Record<string, string>>;
  readonly archives: Readonly<Record<string, string>>;
}

const file = resolve(import.meta.dirname, '../fixtures/tables/arrays.json');
const { cases, refused, archives } = JSON.parse(await readFile(file, 'utf8')) as Fixture;

let folder = '';

beforeEach(async () => {
  folder = await temporaryFolder();
});

const bytesOf = (base64 = '') => Buffer.from(base64, 'base64');

/** A `.npy` file of version 1.0. */
function npy(
  descr: string,
  shape: readonly number[],
  numbers: Uint8Array | Float32Array | Float64Array | Int32Array,
) {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.map(size => `${size},`).join(' ')}), }\n`;
  const start = Buffer.from(`\x93NUMPY\x01\0\0\0${text}`, 'latin1');
  start.writeUInt16LE(text.length, 8);
  return Buffer.concat([start, new Uint8Array(numbers.buffer)]);
}

type Params = Partial<Static<(typeof loadArrays)['params']>>;
type Files = Readonly<Record<string, string | Uint8Array>>;

async function run(files: Files, params: Params, signal?: AbortSignal) {
  await writeFiles(folder, files);
  const source = Object.keys(files)[0] ?? '';
  return runStage(
    loadArrays,
    { source, arrays: {}, ...params },
    { inputs: {}, pipelineDir: folder, ...(signal && { signal }) },
  );
}

async function load(files: Files, params: Params = {}) {
  const { outputs, context } = await run(files, params);
  const { dataset } = outputs;
  return withExamples(dataset, examples =>
    Promise.resolve({
      dataset,
      numbers: [...examples.batch(Array.from({ length: dataset.count }, (_, index) => index))],
      labels: [...examples.labels],
      targets: examples.targets && [...examples.targets],
      logged: context.events.flatMap(event => (event.type === 'log' ? [event.text] : [])),
      reports: context.reports,
    }),
  );
}

describe('an array that NumPy wrote', () => {
  it.each(Object.keys(cases))('is read: %s', async name => {
    const { shape = [], values = [], file = '' } = cases[name] ?? {};
    const { dataset, numbers } = await load({ 'x.npy': bytesOf(file) });
    const [count, ...axes] = shape;
    expect(dataset).toMatchObject({ count, shape: axes.length === 0 ? [1] : axes, classes: ['unlabelled'] });
    expect(numbers).toEqual(values);
    expect(await readdir(dataset.dir)).toEqual(['examples.f32', 'labels.u8']);
  });

  it.each([
    ['object', /has Python objects, which are pickled code and not numbers \(dtype \|O\)$/],
    ['text', /has texts \(dtype <U3\)$/],
    ['complex', /has complex numbers/],
    ['dates', /has dates/],
    ['records', /has records of several numbers/],
    ['no axis', /is of shape \[\], which is one number$/],
    ['no rows', /is of shape \[0, 3\], which has no numbers$/],
    ['version 9', /is of version 9 of NumPy's format; 1 to 3 are known$/],
  ])('is refused for what it has: %s', async (name, message) => {
    const failure = await failureOf(run({ 'x.npy': bytesOf(refused[name]) }, {}));
    expect(failure.message).toMatch(message);
    expect(failure).toMatchObject({ exitCode: 2, hint: expect.any(String) as string });
  });

  it.each(['<f8', 'Fortran order'])('is read in blocks, and up to a limit: %s', async name => {
    const { shape = [], values = [], file = '' } = cases[name] ?? {};
    await writeFiles(folder, { 'x.npy': bytesOf(file) });
    const array = await (await openArrays(join(folder, 'x.npy'), 'x.npy')).open();
    const read = async (limit: number, block: number) => {
      const signal = new AbortController().signal;
      const blocks = [];
      for await (const numbers of readRows(array, { limit, block, dir: folder, signal }))
        blocks.push([...numbers]);
      return blocks;
    };
    const each = values.length / (shape[0] ?? 0);
    expect(await read(Infinity, 1)).toEqual([values.slice(0, each), values.slice(each)]);
    expect(await read(1, 2 ** 20)).toEqual([values.slice(0, each)]);
  });
});

describe('an archive of arrays', () => {
  it.each(Object.keys(archives))('has examples and labels by their usual names: %s', async name => {
    const { dataset, numbers, labels, reports } = await load({ 'd.npz': bytesOf(archives[name]) });
    expect(dataset).toMatchObject({ count: 3, height: 2, width: 2, channels: 1, classes: ['0', '1'] });
    expect(dataset.shape).toBeUndefined();
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, at) => at));
    expect(labels).toEqual([1, 0, 1]);
    expect(reports[0]).toMatch(/^3 images, 2 classes \(arrays, .*d\.npz \(x\)\)$/);
  });

  it('has them by the names that are given', async () => {
    const archive = { 'd.npz': bytesOf(archives['deflated']) };
    const { numbers, targets } = await load(archive, {
      arrays: { examples: 'y', labels: 'y' },
      labelsAre: 'targets',
    });
    expect([numbers, targets]).toEqual([
      [1, 0, 1],
      [1, 0, 1],
    ]);
    const failure = await failureOf(run(archive, { arrays: { labels: 'z' } }));
    expect(failure.message).toMatch(/d\.npz has no array "z", which arrays\.labels names$/);
    expect(failure.details).toEqual(['It has x, y, other.']);
  });

  it('that is damaged is said', async () => {
    const archive = bytesOf(archives['deflated']);
    const cut = await failureOf(run({ 'd.npz': archive.subarray(0, 300) }, {}));
    expect(cut.message).toMatch(/d\.npz is a damaged archive: /);
    const changed = Buffer.from(archive);
    changed.fill(0xff, 60, 100);
    expect((await failureOf(run({ 'e.npz': changed }, {}))).message).toMatch(/e\.npz is a damaged archive: /);
  });
});

const bytes = (shape: readonly number[]) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return npy(
    '|u1',
    shape,
    Uint8Array.from({ length: count }, (_, at) => at),
  );
};

describe('examples', () => {
  it.each([
    [[2, 3, 4], { height: 3, width: 4, channels: 1 }],
    [[2, 3, 4, 1], { height: 3, width: 4, channels: 1 }],
    [[2, 3, 4, 3], { height: 3, width: 4, channels: 3 }],
  ])('are images as bytes of [%s]', async (shape, size) => {
    const { dataset } = await load({ 'x.npy': bytes(shape) });
    expect(dataset).toMatchObject({ count: 2, images: 'images.u8', ...size });
  });

  it.each([[[6]], [[2, 3]], [[2, 3, 4, 2]], [[2, 2, 2, 2, 3]]])(
    'are numbers as bytes of [%s]',
    async shape => {
      const { dataset, numbers } = await load({ 'x.npy': bytes(shape) });
      expect(dataset).toMatchObject({
        images: 'examples.f32',
        shape: shape.length === 1 ? [1] : shape.slice(1),
      });
      expect(numbers[5]).toBe(5);
    },
  );

  it('have named columns, and a limit', async () => {
    const { dataset, numbers } = await load({ 'x.npy': bytes([2, 2]) }, { features: ['a', 'b'], limit: 1 });
    expect(dataset).toMatchObject({ count: 1, features: ['a', 'b'] });
    expect(numbers).toEqual([0, 1]);
  });

  it('that are not finite are named', async () => {
    const nan = npy('<f4', [3, 2], Float32Array.of(0, 1, 2, NaN, 4, 5));
    expect((await failureOf(run({ 'x.npy': nan }, {}))).message).toMatch(
      /x\.npy\[1, 1\] is NaN, which cannot be learned from$/,
    );
    const large = npy('<f8', [2], Float64Array.of(1, -1e39));
    expect((await failureOf(run({ 'x.npy': large }, {}))).message).toMatch(
      /x\.npy\[1\] is -1e\+39, which is too large for float32$/,
    );
  });

  it('stop when the user interrupts', async () => {
    await expect(run({ 'x.npy': bytes([2, 2]) }, {}, AbortSignal.abort())).rejects.toBeInstanceOf(
      Interrupted,
    );
  });
});

describe('labels', () => {
  const x = bytes([3, 2]);
  const ints = (...numbers: readonly number[]) => npy('<i4', [numbers.length], Int32Array.from(numbers));
  const floats = (shape: readonly number[], ...numbers: readonly number[]) =>
    npy('<f8', shape, Float64Array.from(numbers));

  it('of whole numbers are classes, with names or without', async () => {
    const files = { 'x.npy': x, 'y.npy': ints(2, 0, 2) };
    const unnamed = await load(files, { labels: 'y.npy' });
    expect([unnamed.dataset.classes, unnamed.labels]).toEqual([
      ['0', '1', '2'],
      [2, 0, 2],
    ]);
    expect(unnamed.logged).toEqual(['classes without an example: 1']);
    const named = await load(files, { labels: 'y.npy', classes: ['a', 'b', 'c'] });
    expect(named.dataset.classes).toEqual(['a', 'b', 'c']);
  });

  it('of other numbers are targets', async () => {
    const one = await load({ 'x.npy': x, 'y.npy': floats([3], 0.5, 1, 2) }, { labels: 'y.npy' });
    expect(one).toMatchObject({
      targets: [0.5, 1, 2],
      dataset: { classes: [], targets: { names: ['target'] } },
    });
    const two = await load(
      { 'x.npy': x, 'y.npy': floats([3, 2], 1, 2, 3, 4, 5, 6) },
      { labels: 'y.npy', targets: ['width', 'height'], limit: 2 },
    );
    expect(two).toMatchObject({
      targets: [1, 2, 3, 4],
      dataset: { targets: { names: ['width', 'height'] } },
    });
  });

  it('are what the parameters say', async () => {
    const asTargets = await load(
      { 'x.npy': x, 'y.npy': ints(20, 31, 64) },
      { labels: 'y.npy', labelsAre: 'targets' },
    );
    expect(asTargets.targets).toEqual([20, 31, 64]);
    const asClasses = await load(
      { 'x.npy': x, 'y.npy': floats([3, 1], 1, 0, 1) },
      { labels: 'y.npy', labelsAre: 'classes' },
    );
    expect(asClasses.labels).toEqual([1, 0, 1]);
  });

  it.each([
    [
      'a negative number',
      ints(0, -1, 1),
      {},
      'y.npy[1] is -1; labels are whole numbers from 0 on, of at most 256 classes',
    ],
    ['too many', ints(0, 256, 1), {}, 'y.npy[1] is 256; there are at most 256 classes'],
    ['more than names', ints(0, 1, 2), { classes: ['a', 'b'] }, 'y.npy[2] is 2; there are 2 classes'],
    [
      'a fraction',
      floats([3], 0, 1.5, 1),
      { labelsAre: 'classes' },
      'y.npy[1] is 1.5; labels are whole numbers from 0 on, of at most 256 classes',
    ],
    ['one class', ints(1, 1, 1), {}, 'y.npy has 1 for every example: there is nothing to tell apart'],
    ['too few', ints(0, 1), {}, 'y.npy is of shape [2], and x.npy has 3 examples'],
    [
      'one-hot',
      npy('|u1', [3, 2], Uint8Array.of(1, 0, 0, 1, 1, 0)),
      {},
      'y.npy is of shape [3, 2], and a class is one number',
    ],
    [
      'names of targets',
      floats([3], 0, 1, 2),
      { targets: ['a', 'b'] },
      'y.npy is of shape [3], and targets has 2 names',
    ],
    [
      'names of classes',
      floats([3], 0, 1, 2),
      { classes: ['a', 'b'] },
      'y.npy is of shape [3], of f8, which are no classes',
    ],
    ['no number', floats([3], 0, NaN, 2), {}, 'y.npy[1] is NaN, which cannot be learned from'],
  ] as const)('that cannot be taken are said, with their place: %s', async (_, y, params, message) => {
    const failure = await failureOf(
      run({ 'x.npy': x, 'y.npy': y }, { labels: 'y.npy', ...(params as Params) }),
    );
    expect(failure.message.replaceAll(/\S*\/(?=[xy]\.npy)/g, '')).toBe(message);
    expect(failure.exitCode).toBe(2);
  });
});

describe('a file that is no array', () => {
  it.each([
    ['text', 'a,b\n1,2\n', /is neither an array of NumPy \(\.npy\) nor an archive of arrays \(\.npz\)$/],
    ['empty', '', /is neither an array/],
    ['cut short', bytes([3, 2]).subarray(0, -1), /bytes, and its shape \[3, 2\] needs \d+$/],
    ['cut in its header', bytes([3, 2]).subarray(0, 20), /ends within its header$/],
    [
      'of a damaged header',
      Buffer.from(bytes([3, 2]).toString('latin1').replace('shape', 'shabe'), 'latin1'),
      /has a header that cannot be read/,
    ],
    [
      'of a shape beyond its bytes',
      Buffer.from(bytes([3, 2]).toString('latin1').replace('3, 2', '9, 9'), 'latin1'),
      /its shape \[9, 9\] needs/,
    ],
  ])('is said: %s', async (_, content, message) => {
    expect((await failureOf(run({ 'x.npy': content }, {}))).message).toMatch(message);
  });
});

describe('before an experiment begins', () => {
  const key = (params: Params) => {
    const filled = { source: 'x.npy', arrays: {}, labelsAre: 'auto' as const, ...params };
    const place = { id: 'load-arrays', cwd: folder, pipelineDir: folder, home: folder, env: {} };
    return loadArrays.cacheKey?.(filled, { ...place, digest: path => Promise.resolve(`hash of ${path}`) });
  };

  it('files count by their content', async () => {
    await writeFiles(folder, { 'x.npy': bytes([3, 2]), 'y.npy': bytes([3]) });
    await expect(key({ labels: 'y.npy' })).resolves.toBe(`hash of ${folder}/x.npy,hash of ${folder}/y.npy`);
  });

  it('what is wrong with them is found: files, names, shapes and labels', async () => {
    const wrong = npy('|u1', [3], Uint8Array.of(7, 7, 7));
    await writeFiles(folder, { 'x.npy': bytes([3, 2]), 'y.npy': wrong, 'z.npy': bytes([4]) });
    const codeOf = async (params: Params) => {
      const { code, exitCode } = await failureOf(Promise.resolve(key(params)));
      expect(exitCode).toBe(2);
      return code;
    };
    expect(await codeOf({ source: '.' })).toBe('not-a-file');
    expect(await codeOf({ arrays: { examples: 'x' } })).toBe('unknown-array');
    expect(await codeOf({ labels: 'y.npy' })).toBe('one-class');
    expect(await codeOf({ labels: 'z.npy' })).toBe('wrong-shape');
    expect(await codeOf({ features: ['a'] })).toBe('wrong-shape');
  });
});

it('a network is checked against arrays when they are there: their axes are not known before', async () => {
  const layers = '{ layers: [{ use: dense, units: 1 }] }';
  const stages = `  - use: load-arrays\n    params: { source: x.npy, labels: y.npy }\n  - use: fit\n    params: { network: ${layers} }\n`;
  const project = await makeProject({ 'p.yaml': `name: x\nstages:\n${stages}`, 'x.npy': '', 'y.npy': '' });
  const result = await loadPlan('p.yaml', { cwd: project.dir, env: {} });
  expect(result.ok ? [] : result.problems).toEqual([]);
});

describe('the parameters of load-arrays', () => {
  it('contradict each other in no way', () => {
    const check = (more: Params) =>
      (loadArrays.check?.({ source: 'x', arrays: {}, labelsAre: 'auto', ...more }) ?? []).map(
        ({ path }) => path[0],
      );
    expect(check({})).toEqual([]);
    expect(check({ classes: ['a'], targets: ['b'] })).toEqual(['targets']);
    expect(check({ classes: ['a'], labelsAre: 'targets' })).toEqual(['classes']);
    expect(check({ targets: ['a'], labelsAre: 'classes' })).toEqual(['targets']);
  });
});
