import { expect, test } from 'vitest';
import { makeProject } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

const PICTURES = `  - { id: data, use: load-cifar, params: { source: synthetic, count: 60 } }
  - use: normalize
`;
const TABLE =
  '  - { id: data, use: load-csv, params: { source: t.csv, label: kind, classes: [x, z], exclude: [y] } }\n';
const NUMBERS = '  - { id: data, use: load-csv, params: { source: t.csv, targets: [y], exclude: [kind] } }\n';
const SPLIT = '  - { use: split-dataset, params: { validation: 20 } }\n';

const network = (...layers: readonly string[]) =>
  ['name: mine', 'layers:', '  - { use: flatten }', ...layers.map(layer => `  - ${layer}`), ''].join('\n');

const FILES = {
  't.csv': `a,b,y,kind\n${Array.from({ length: 40 }, (_, row) => `${row},${row % 7},${row / 40},${row % 2 === 0 ? 'x' : 'z'}`).join('\n')}\n`,
  'eight.yaml': network('{ use: dense, units: 8 }'),
  'one.yaml': network('{ use: dense, units: 1, activation: sigmoid }'),
  'told.yaml': network('{ use: concatenate-label }', '{ use: dense, units: classes }'),
  'head.yaml': network('{ use: class-head }', '{ use: dense, units: classes }'),
};

/** `pipe validate` of a fit with these lines of parameters, after stages; it begins at line 3 with the data. */
async function validated(stages: string, params: string, inputs = '') {
  const given = params.split('\n').map(line => `      ${line}\n`);
  const base = ['epochs: 1', 'batchSize: 8'].filter(line => !params.includes(line.split(':')[0] as string));
  const text = `name: p\nstages:\n${stages}  - use: fit\n${inputs}    params:\n${given.join('')}${base.map(line => `      ${line}\n`).join('')}`;
  const project = await makeProject({ ...FILES, 'p.yaml': text });
  return runMain(['validate', 'p.yaml'], project.dir);
}

test.each<[string, string, string, readonly string[]]>([
  [
    'more classes than outputs, at the layer in the network’s own file',
    PICTURES,
    'network: eight.yaml',
    [
      'eight.yaml:4:5 error: network, layer 2 (dense): the network ends in [B, 8], and [B, 10] is needed, for 10 classes',
    ],
  ],
  [
    'one output for two classes',
    TABLE,
    'network: one.yaml',
    ['one.yaml:4:5 error: ', 'Two classes have an output each, in place of one with a sigmoid'],
  ],
  [
    'a layer that is told the class',
    PICTURES,
    'network: told.yaml',
    ['told.yaml:4:5 error: ', 'takes the label, which the network is to predict'],
  ],
  [
    'a class head',
    PICTURES,
    'network: head.yaml',
    ['head.yaml:4:5 error: ', 'is an output beside the prediction'],
  ],
  [
    'a batch larger than the data',
    PICTURES + SPLIT,
    'network: mlp\nbatchSize: 500',
    ['p.yaml:9:18 error: batchSize is 500, and there are 40 examples'],
  ],
  [
    'a metric that so few classes never have',
    PICTURES + SPLIT,
    'network: mlp\nmonitor: val_top_k\ntopK: 12',
    ['p.yaml:9:16 error: val_top_k is never measured: there are 10 classes, and topK is 12'],
  ],
  [
    'a metric of numbers for classes',
    PICTURES + SPLIT,
    'network: mlp\nmonitor: val_r2',
    [
      'p.yaml:9:16 error: val_r2 is never measured: the data has classes',
      'expected val_loss, val_accuracy, val_top_k, val_macro_f1',
    ],
  ],
  [
    'a metric of classes for numbers',
    NUMBERS + SPLIT,
    'network: mlp\nmonitor: val_accuracy',
    ['p.yaml:8:16 error: val_accuracy is never measured: the data has numbers to predict'],
  ],
  [
    'a metric that there is not',
    PICTURES,
    'network: mlp\nmonitor: val_acuracy',
    ['did you mean "val_accuracy"?'],
  ],
  [
    'early stopping and a metric without validation',
    PICTURES,
    'network: mlp\nearlyStopping: { patience: 2 }\nmonitor: val_loss',
    [
      'p.yaml:8:7 error: earlyStopping needs a validation part, and there is none',
      'p.yaml:9:16 error: monitor needs a validation part, and there is none',
      'put a split-dataset before it, or name one: inputs: { validation: <stage> }',
    ],
  ],
  [
    'what is for classes, where numbers are predicted',
    NUMBERS,
    'network: mlp\nlabelSmoothing: 0.1\nbalanced: true\nclassWeights: balanced',
    [
      'p.yaml:7:23 error: labelSmoothing is for classes',
      'p.yaml:8:17 error: balanced is for',
      'p.yaml:9:21 error: classWeights weigh classes',
    ],
  ],
  [
    'augmentation of a table',
    TABLE,
    'network: mlp\naugment: [flip]',
    ['p.yaml:7:7 error: augmentations change images'],
  ],
])('%s: a located message before anything runs', async (_, stages, params, messages) => {
  const { exitCode, stderr } = await validated(stages, params);
  for (const message of messages) expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});

test('a validation part of other data', async () => {
  const other = '  - { id: other, use: load-csv, params: { source: t.csv, label: kind, exclude: [y] } }\n';
  const inputs = '    inputs: { dataset: normalize, validation: other }\n';
  const { stderr, exitCode } = await validated(PICTURES + other, 'network: mlp', inputs);
  expect(stderr).toContain(
    'error: the validation part has examples of shape ?, and those to train on are 32×32×3',
  );
  expect(exitCode).toBe(2);
});

test('a part that there is not', async () => {
  const split = '  - { use: split-dataset, params: { validation: none, test: 20 } }\n';
  const inputs = '    inputs: { dataset: split-dataset, validation: split-dataset.validation }\n';
  const { stderr, exitCode } = await validated(PICTURES + split, 'network: mlp', inputs);
  expect(stderr).toMatch(/p\.yaml:\d+:\d+ error: .*validation/);
  expect(exitCode).toBe(2);
});

test('a schedule that is longer than training is said, by its epochs', async () => {
  const { stderr, exitCode } = await validated(
    PICTURES + SPLIT,
    'network: mlp\nschedule: { kind: steps, at: [500] }',
  );
  expect(stderr).toContain(
    'p.yaml:9:32 warning: the learning rate is to fall after iteration 500, and training ends at iteration 5',
  );
  expect(exitCode).toBe(0);
});
