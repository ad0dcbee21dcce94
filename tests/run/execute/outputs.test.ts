/** What a stage gives agrees with its files before the next stage sees it. */
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ports } from '../../../src/core/ports.ts';
import { openRegistry } from '../../../src/registry/index.ts';
import type { Decision } from '../../../src/run/decide/decision.ts';
import { filesIn, planOf, run, temporaryFolder, type TestStage } from '../rig.ts';

type Fields = Readonly<Record<string, unknown>>;

const portsOf = (kind: string): Ports => ({ files: { kind: kind as never, description: 'It.' } });

/** The details of the failure of a stage that writes a few files and gives this, followed by one that must not begin. */
async function faultsOf(kind: string, fill: (dir: string) => Promise<Fields>) {
  let followed = false;
  const plan = planOf([
    {
      id: 'make',
      outputs: portsOf(kind),
      run: async ({ outputDir: dir }) => ({ files: { kind, dir, ...(await fill(dir)) } }),
    },
    {
      id: 'use',
      inputs: { source: 'make' },
      run: ({ outputDir }) => {
        followed = true;
        return { files: filesIn(outputDir) };
      },
    },
  ]);
  const { outcome } = await run(plan);
  expect(followed).toBe(outcome.failure === null);
  if (outcome.failure === null) return [];
  expect(outcome.failure).toMatchObject({
    code: 'wrong-outputs',
    message: 'stage "make" did not give the outputs that it declares',
  });
  return outcome.failure.details;
}

const dataset = {
  images: 'images.u8',
  labels: 'labels.u8',
  count: 3,
  height: 2,
  width: 2,
  channels: 1,
  classes: ['a', 'b'],
  source: 'test',
  sha256: 'a'.repeat(64),
  transform: { scale: [1], offset: [0] },
};

const datasetWith =
  (changes: Fields = {}, { images = 12, labels = [0, 1, 1] } = {}) =>
  async (dir: string) => {
    await writeFile(join(dir, 'images.u8'), Buffer.alloc(images));
    await writeFile(join(dir, 'labels.u8'), Buffer.from(labels));
    return { ...dataset, ...changes };
  };

describe('a data set agrees with its files', () => {
  test('or passes', async () => {
    expect(await faultsOf('dataset', datasetWith())).toEqual([]);
  });

  test.each<[Fields, { images?: number; labels?: number[] }, string]>([
    [{ count: 2.5 }, {}, 'output "files": count is 2.5; expected a whole number from 1 on'],
    [{ count: '3' }, {}, 'output "files": count is "3"; expected a whole number from 1 on'],
    [
      { count: 0 },
      { images: 0, labels: [] },
      'output "files": count is 0; expected a whole number from 1 on',
    ],
    [{ channels: undefined }, {}, 'output "files": channels is missing; expected a whole number from 1 on'],
    [{ classes: [] }, {}, 'output "files": classes is empty; expected at least one name, or targets'],
    [{ classes: ['a', 7] }, {}, 'output "files": classes[1] is 7; expected a text'],
    [{ sha256: 'short' }, {}, 'output "files": sha256 is "short"; expected 64 hexadecimal digits'],
    [
      { transform: { scale: [1, 1], offset: [0] } },
      {},
      'output "files": transform.scale has 2 numbers; expected 1, as for its channels',
    ],
    [
      {},
      { images: 11 },
      'output "files": images is images.u8 of 11 bytes; expected 12, which is 3 × 2 × 2 × 1',
    ],
    [
      {},
      { labels: [0, 1] },
      'output "files": labels is labels.u8 of 2 bytes; expected 3, one for each image',
    ],
    [
      {},
      { labels: [0, 2, 9] },
      'output "files": labels has 2 for image 1; expected less than 2, the number of its classes',
    ],
  ])('%o, %o', async (changes, files, words) => {
    expect(await faultsOf('dataset', datasetWith(changes, files))).toEqual([words]);
  });

  test('with all that is wrong at once', async () => {
    const faults = await faultsOf('dataset', datasetWith({ height: -1, source: 5 }));
    expect(faults).toEqual([
      'output "files": height is -1; expected a whole number from 1 on',
      'output "files": source is 5; expected a text',
    ]);
  });
});

describe('files that an output names', () => {
  test.each<[string, (dir: string) => Promise<Fields>, string]>([
    [
      'files',
      () => Promise.resolve({ files: ['a.txt'] }),
      'output "files": files[0] is a.txt, which is not there',
    ],
    [
      'files',
      () => Promise.resolve({ files: 'a.txt' }),
      'output "files": files is "a.txt"; expected a list of paths',
    ],
    [
      'images',
      async dir => {
        await mkdir(join(dir, 'folder'));
        return { files: ['folder'] };
      },
      'output "files": files[0] is folder, which is a folder; expected a file',
    ],
    [
      'animation',
      async dir => {
        await symlink('/etc/hostname', join(dir, 'a.gif'));
        return { file: 'a.gif' };
      },
      'output "files": file is a.gif, a link that leads out of its folder',
    ],
    [
      'animation',
      async dir => {
        await symlink('nowhere', join(dir, 'a.gif'));
        return { file: 'a.gif' };
      },
      'output "files": file is a.gif, which is not there',
    ],
    [
      'frames',
      () => Promise.resolve({ frames: [{ file: 'f.png', epoch: 1, iteration: 1.5 }] }),
      'output "files": frames[0].iteration is 1.5; expected a whole number from 0 on',
    ],
    [
      'comparison',
      () => Promise.resolve({ markdown: 'c.md' }),
      'output "files": json is missing; expected a path within its folder',
    ],
    [
      'files',
      () => Promise.resolve({ dir: '/', files: [] }),
      'output "files": dir is /, outside of the experiments; expected the output folder, or that of an input',
    ],
    [
      'files',
      dir => Promise.resolve({ dir: join(dir, 'gone'), files: [] }),
      'which is not there; expected a folder',
    ],
  ])('%s %#', async (kind, fill, words) => {
    const faults = await faultsOf(kind, fill);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(words);
  });
});

describe('models', () => {
  const layers = { layers: [{ use: 'flatten' }] };
  const model = {
    model: 'mine',
    latentDim: 4,
    conditional: false,
    imageShape: [2, 2, 1],
    classes: ['a'],
    generator: layers,
    discriminator: layers,
    seed: 1,
  };
  test.each<[Fields, string[]]>([
    [{}, []],
    [
      { generator: { layers: [] } },
      ['output "files": generator.layers is a list; expected a list of layers'],
    ],
    [
      { generator: { layers: [{ units: 1 }] } },
      ['output "files": generator.layers[0].use is missing; expected a text'],
    ],
    [{ imageShape: [2, 2] }, ['output "files": imageShape is a list; expected height, width and channels']],
    [{ latentDim: 0 }, ['output "files": latentDim is 0; expected a whole number from 1 on']],
  ])('untrained: %o', async (changes, faults) => {
    expect(await faultsOf('model', () => Promise.resolve({ ...model, ...changes }))).toEqual(faults);
  });

  const trained = {
    ...model,
    generator: 'generator',
    discriminator: 'discriminator',
    transform: { scale: [1], offset: [0] },
    iterations: 1,
  };
  const topology = {
    modelTopology: {},
    weightsManifest: [{ paths: ['weights.bin'], weights: [{ name: 'w', shape: [2, 3], dtype: 'float32' }] }],
  };
  const trainedWith =
    (text = JSON.stringify(topology), bytes = 24) =>
    async (dir: string) => {
      for (const name of ['generator', 'discriminator']) {
        await mkdir(join(dir, name));
        await writeFile(
          join(dir, name, 'model.json'),
          name === 'generator' ? text : JSON.stringify(topology),
        );
        await writeFile(join(dir, name, 'weights.bin'), Buffer.alloc(name === 'generator' ? bytes : 24));
      }
      return trained;
    };
  test('trained: each file is there and parses', async () => {
    expect(await faultsOf('trained-model', trainedWith())).toEqual([]);
    expect(await faultsOf('trained-model', trainedWith('{'))).toEqual([
      'output "files": generator/model.json is not JSON',
    ]);
    expect(await faultsOf('trained-model', trainedWith('{}'))).toEqual([
      'output "files": generator/model.json has no modelTopology and weightsManifest; expected a layers model of TensorFlow.js',
    ]);
    expect(await faultsOf('trained-model', trainedWith(undefined, 20))).toEqual([
      'output "files": the weights of generator/model.json are 20 bytes; expected 24',
    ]);
    expect(await faultsOf('trained-model', () => Promise.resolve(trained))).toEqual([
      'output "files": generator is generator/model.json, which is not there',
      'output "files": discriminator is discriminator/model.json, which is not there',
    ]);
  });

  test('trained: the digests of its pictures are as many as it says', async () => {
    const trainedOn = (bytes: number, count: unknown) => async (dir: string) => {
      await writeFile(join(dir, 'seen'), Buffer.alloc(bytes));
      return { ...(await trainedWith()(dir)), trainedOn: { file: 'seen', count } };
    };
    expect(await faultsOf('trained-model', trainedOn(16, 2))).toEqual([]);
    expect(await faultsOf('trained-model', trainedOn(15, 2))).toEqual([
      'output "files": trainedOn.file is seen of 15 bytes; expected 16, which is 2 × 8',
    ]);
    expect(await faultsOf('trained-model', trainedOn(16, 'two'))).toEqual([
      'output "files": trainedOn.count is "two"; expected a whole number from 1 on',
    ]);
    const gone = async (dir: string) => ({
      ...(await trainedWith()(dir)),
      trainedOn: { file: 'gone', count: 2 },
    });
    expect(await faultsOf('trained-model', gone)).toEqual([
      'output "files": trainedOn.file is gone, which is not there',
    ]);
  });
});

test('what is taken over from an earlier experiment is looked at, too', async () => {
  const registry = await temporaryFolder();
  const make: TestStage = { id: 'make', run: ({ outputDir }) => ({ files: filesIn(outputDir) }) };
  const { outcome } = await run(planOf([make]), { registry });
  const [made] = await openRegistry(registry)
    .view(await openRegistry(registry).read(outcome.id))
    .outputs();
  const outputs = { files: { ...made?.artifact, files: ['gone.txt'] } } as never;
  const decision: Decision = { kind: 'reuse', experiment: 'exp-1', outputs };
  const again = await run(planOf([make]), { registry, decisions: new Map([['make', decision]]) });
  expect(again.outcome.failure).toMatchObject({ code: 'wrong-outputs' });
  expect(again.outcome.failure?.details).toEqual([
    'output "files": files[0] is gone.txt, which is not there',
  ]);
});

test('a stage that removes its output folder fails, though it declares no outputs', async () => {
  const plan = planOf([
    {
      id: 'make',
      outputs: {},
      run: async ({ outputDir }) => {
        await rm(outputDir, { recursive: true });
        return {};
      },
    },
  ]);
  const { outcome } = await run(plan);
  expect(outcome.failure).toMatchObject({
    code: 'output-folder-gone',
    message: expect.stringMatching(/^stage "make" has removed its output folder: \S+make.output$/) as string,
  });
});
