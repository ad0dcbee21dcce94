import { describe, expect, it } from 'vitest';
import { loadPlan } from '../../src/plan/load-plan.ts';
import { makeProject } from '../rig/pipe.ts';
import { brief, loadText, problemsOf, stageOf, valid } from './rig.ts';

const data = '{ use: load-cifar, params: { source: synthetic, count: 20 } }';

const conditional = 'params: { filters: 4, size: 3, activation: relu, bias: true }';

/** Networks whose blocks begin on line 3. */
const networks = (
  blocks: readonly string[],
  generator: readonly string[],
  discriminator = ['{ use: flatten }', '{ use: dense, units: 1 }'],
) =>
  [
    'latent: 4',
    'blocks:',
    ...blocks.map(line => `  ${line}`),
    ...Object.entries({ generator, discriminator }).flatMap(([name, layers]) => [
      `${name}:`,
      '  layers:',
      ...layers.map(layer => `    - ${layer}`),
    ]),
    '',
  ].join('\n');

/** The generator's layers up to an image of the data's size, at which blocks take place. */
const start = [
  '{ use: dense, units: height / 2 * width / 2 * 4 }',
  '{ use: reshape, targetShape: [height / 2, width / 2, 4] }',
];
const end = '{ use: conv2d, filters: channels, kernelSize: 3, activation: tanh }';

const inFile = (net: string) => ({
  'net.yaml': net,
  'p.yaml': `name: x\nstages:\n  - ${data}\n  - { use: build-model, params: { model: net.yaml } }\n`,
});

const inline = (net: string) => ({
  'p.yaml': `name: x\nvars: { filters: 77 }\nstages:\n  - ${data}\n  - use: build-model\n    params:\n      model:\n${net.replace(/^(?=.)/gm, '        ')}`,
});

async function find(files: Readonly<Record<string, string>>) {
  const project = await makeProject(files);
  const result = await loadPlan('p.yaml', { cwd: project.dir, env: {} });
  return result.ok ? result.plan.pipeline.warnings : result.problems;
}

const briefly = async (net: string) => (await find(inFile(net))).map(brief);

const init = [
  'up:',
  '  params: { filters: 4, deviation: 0.02, start: heNormal, shape: [height, width, 4] }',
  '  layers:',
  '    - { use: upSampling2d }',
  '    - { use: conv2d, filters: filters, kernelSize: 3, kernelInitializer: { use: randomNormal, stddev: deviation } }',
  '    - { use: conv2d, filters: filters * 2, kernelSize: 3, kernelInitializer: start }',
  '    - { use: conv2d, filters: 4, kernelSize: 1 }',
  '    - { use: reshape, targetShape: shape }',
  '    - { use: reshape, targetShape: [height, width, filters] }',
];

const up = [
  'up:',
  `  ${conditional}`,
  '  layers:',
  '    - { use: upSampling2d }',
  '    - { use: conv2d, filters: filters / 2, kernelSize: size, activation: activation, useBias: bias }',
];

describe('blocks', () => {
  const net = networks(up, [...start, '{ block: up, filters: height, bias: false, activation: tanh }', end]);

  it.each([
    ['in a file', inFile(net)],
    ['inline, beside a variable of the same name', inline(net)],
  ])('are written %s', async (_where, files) => {
    const messages = (await find(files)).map(({ message }) => message);
    expect(messages.filter(message => !message.includes('variable "filters"'))).toEqual([]);
  });

  it('give a value of any kind, also inside of lists and mappings', async () => {
    const wrong = networks(init, [...start, '{ block: up, deviation: -1, start: { use: zero } }', end]);
    expect(await briefly(networks(init, [...start, '{ block: up, start: zeros }', end]))).toEqual([]);
    expect((await briefly(wrong)).map(text => text.replace(/^.*\]/, ''))).toEqual([
      ' generator, layer 3 (block up), layer 2 (conv2d): parameter "kernelInitializer" has a wrong value',
      ' generator, layer 3 (block up), layer 3 (conv2d): parameter "kernelInitializer" has a wrong value',
    ]);
  });

  it('stay in the parameters as they are written, and can be set', async () => {
    const pipeline = valid(
      await loadText(
        'name: x\nstages: [{ use: build-model, params: { model: net.yaml } }]\n',
        {
          set: [
            'build-model.model.blocks.up.params.filters=16',
            'build-model.model.generator.layers.2.size=5',
          ],
        },
        { 'net.yaml': net },
      ),
    );
    expect(stageOf(pipeline, 'build-model').params['model']).toMatchObject({
      blocks: {
        up: {
          params: { filters: 16, size: 3, activation: 'relu', bias: true },
          layers: [{ use: 'upSampling2d' }, { filters: 'filters / 2', kernelSize: 'size' }],
        },
      },
      generator: { layers: [{}, {}, { block: 'up', filters: 'height', size: 5 }, {}] },
    });
    expect(pipeline.resolvedText).toContain('block: up');
  });
});

describe('mistakes in blocks show the line in the block and name the use', () => {
  it('of uses: all at once', async () => {
    const net = networks(
      [
        'up:',
        '  params: { filters: null }',
        '  layers: [{ use: conv2d, filters: filters, kernelSize: 3 }]',
        'loop:',
        '  layers: [{ block: loop }]',
      ],
      [...start, '{ block: upp }', '{ block: up, filter: 3 }', '{ block: loop }'],
    );
    expect(await briefly(net)).toEqual([
      'net.yaml:7:14 [{ block: loop }] generator, layer 5 (block loop), layer 1 (block loop): block loop contains itself: loop → loop',
      'net.yaml:12:16 [upp] generator, layer 3 (block upp): there is no block "upp"',
      'net.yaml:13:7 [{ block: up, filter: 3 }] generator, layer 4 (block up): unknown parameter "filter" of block up',
      'net.yaml:13:7 [{ block: up, filter: 3 }] generator, layer 4 (block up): missing parameter "filters" of block up, which has no default for it',
    ]);
  });

  it('of values', async () => {
    const net = networks(up, [...start, '{ block: up, size: wide, filters: 3 }', end]);
    expect(await briefly(net)).toEqual([
      'net.yaml:7:33 [filters / 2] generator, layer 3 (block up), layer 2 (conv2d): parameter "filters" has a wrong value',
      'net.yaml:7:58 [size] generator, layer 3 (block up), layer 2 (conv2d): parameter "kernelSize" has a wrong value',
    ]);
  });

  it('of shapes, in each use', async () => {
    const down = [
      'down:',
      '  layers:',
      '    - { use: flatten }',
      '    - { use: conv2d, filters: 4, kernelSize: 3 }',
    ];
    const net = networks(
      down,
      [...start, '{ use: upSampling2d }', end],
      [
        '{ use: conv2d, filters: 4, kernelSize: 3 }',
        '{ use: parallel, branches: [[], [{ block: down }]] }',
        '{ block: down }',
      ],
    );
    const problems = (await briefly(net)).filter(text => text.startsWith('net.yaml:6:'));
    expect(problems).toEqual([
      'net.yaml:6:9 [{ use: conv2d, filters: 4, kernelSize: 3 }] discriminator, layer 2 (parallel), branch 2, layer 1 (block down), layer 2 (conv2d): needs an image [B, height, width, channels], and gets [B, 4096]',
      'net.yaml:6:9 [{ use: conv2d, filters: 4, kernelSize: 3 }] discriminator, layer 3 (block down), layer 2 (conv2d): needs an image [B, height, width, channels], and gets [B, 8192]',
    ]);
  });

  it('of a shortcut that differs, with what it lacks', async () => {
    const net = networks(
      [
        'same:',
        '  params: { filters: 8 }',
        '  layers:',
        '    - use: residual',
        '      layers: [{ use: conv2d, filters: filters, kernelSize: 3 }]',
      ],
      [...start, '{ use: upSampling2d }', '{ block: same, filters: 6 }', end],
    );
    const problems = await find(inFile(net));
    expect(problems.map(brief)).toEqual([
      'net.yaml:6:9 [use: residual] generator, layer 4 (block same), layer 1 (residual): its layers end in [B, 32, 32, 6] and its shortcut in [B, 32, 32, 4], which cannot be added',
    ]);
    expect(problems[0]?.hint).toBe('Give it shortcut: [{ use: conv2d, filters: 6, kernelSize: 1 }].');
  });

  it('of the network’s end: at the block that makes the shape', async () => {
    const net = networks(up, [...start, '{ block: up, filters: 8 }']);
    expect(await briefly(net)).toEqual([
      'net.yaml:12:7 [{ block: up, filters: 8 }] generator, layer 3 (block up): the network ends in [B, 32, 32, 4], and the images of the data are [B, 32, 32, 3]',
    ]);
  });

  it('that the schema finds: once, as those of any layer', async () => {
    const net = networks(
      [
        'up:',
        '  params: { filters: [a, [b]] }',
        '  layer: []',
        '  layers:',
        '    - { use: conv2d, filters: 3, kernelSize: two words, stride: 2 }',
        '    - { use: residual, layers: [{ use: dens }] }',
        '    - flatten',
        '    - { block: up, filters: null }',
      ],
      [...start, '{ filters: 3 }', end],
    );
    const problems = problemsOf(
      await loadText(
        'name: x\nstages: [{ use: build-model, params: { model: net.yaml } }]\n',
        {},
        { 'net.yaml': net },
      ),
    );
    expect(problems.map(brief)).toEqual([
      'net.yaml:4:28 [[b]] parameter "model.blocks.up.params.filters[1]" of stage "build-model" has the wrong type',
      'net.yaml:5:5 [layer] unknown parameter "model.blocks.up.layer" of stage "build-model"',
      'net.yaml:7:48 [two words] parameter "model.blocks.up.layers[0].kernelSize" of stage "build-model" has a wrong value',
      'net.yaml:7:59 [stride] unknown parameter "model.blocks.up.layers[0].stride" of stage "build-model"',
      'net.yaml:8:42 [dens] parameter "model.blocks.up.layers[1].layers[0].use" of stage "build-model" has an unknown value',
      'net.yaml:9:9 [flatten] parameter "model.blocks.up.layers[2]" of stage "build-model" has the wrong type',
      'net.yaml:10:31 [null] parameter "model.blocks.up.layers[3].filters" of stage "build-model" has the wrong type',
      'net.yaml:15:7 [{ filters: 3 }] missing parameter "model.generator.layers[2].use" of stage "build-model"',
    ]);
    expect(problems[2]?.expected).toBe('integer ≥ 1, or a parameter of the block');
    expect(problems[5]?.expected).toBe('a layer { use: …, … } or a block { block: …, … }');
  });

  it('a block that nothing uses is a warning', async () => {
    const net = networks([...up, 'other: { layers: [{ use: flatten }] }'], [...start, '{ block: up }', end]);
    expect(await briefly(net)).toEqual(['net.yaml:8:3 [other] nothing uses block other']);
  });
});
