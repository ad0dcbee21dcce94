import { describe, expect, it } from 'vitest';
import { briefly, loadText, problemsOf, stageOf, valid } from './rig.ts';

const discriminator = 'discriminator: { layers: [{ use: flatten }] }';

/** Loads a pipeline with the networks in a file; the generator's first layer is on its line 3. */
const load = (...generator: readonly string[]) =>
  loadText(
    'name: x\nstages: [{ use: build-model, params: { model: net.yaml } }]\n',
    {},
    {
      'net.yaml': [
        'generator:',
        '  layers:',
        ...generator.map(line => `    ${line}`),
        discriminator,
        '',
      ].join('\n'),
    },
  );

describe('layers inside of layers', () => {
  it('are checked at any depth, and get their defaults', async () => {
    const pipeline = valid(
      await load(
        '- use: residual',
        '  layers:',
        '    - use: parallel',
        '      branches: [[], [{ use: residual, layers: [{ use: leakyReLU }] }]]',
      ),
    );
    expect(stageOf(pipeline, 'build-model').params['model']).toMatchObject({
      generator: {
        layers: [
          {
            use: 'residual',
            shortcut: [],
            layers: [
              {
                use: 'parallel',
                branches: [
                  [],
                  [{ use: 'residual', layers: [{ use: 'leakyReLU', alpha: 0.3 }], shortcut: [] }],
                ],
              },
            ],
          },
        ],
      },
    });
  });

  it('show their mistakes where they are written, all at once', async () => {
    const result = await load(
      '- use: residual',
      '  layers:',
      '    - { use: dense, unit: 3, units: 2 }',
      '    - use: parallel',
      '      branches:',
      '        - [{ use: conv2d, filters: 4, kernelSize: wide }]',
      '        - [{ use: residual, layers: [{ use: dens }] }]',
      '  shortcut: { use: dense }',
      '- { use: residual }',
      '- { use: parallel, branches: [[]] }',
    );
    expect(briefly(result)).toEqual([
      'net.yaml:5:25 [unit] unknown parameter "model.generator.layers[0].layers[0].unit" of stage "build-model"',
      'net.yaml:8:55 [wide] parameter "model.generator.layers[0].layers[1].branches[0][0].kernelSize" of stage "build-model" has the wrong type',
      'net.yaml:9:49 [dens] parameter "model.generator.layers[0].layers[1].branches[1][0].layers[0].use" of stage "build-model" has an unknown value',
      'net.yaml:10:7 [shortcut] parameter "model.generator.layers[0].shortcut" of stage "build-model" has the wrong type',
      'net.yaml:11:7 [{ use: residual }] missing parameter "model.generator.layers[1].layers" of stage "build-model"',
      'net.yaml:12:24 [branches] parameter "model.generator.layers[2].branches" of stage "build-model" is out of range',
    ]);
    const [, , unknown, list] = problemsOf(result);
    expect(unknown?.suggestion).toBe('dense');
    expect(unknown?.expected).toMatch(/^one of dense, .*residual, parallel/);
    expect(list?.expected).toBe('a list of layers { use: …, … }');
  });

  it('may unset a parameter by null', async () => {
    const pipeline = valid(
      await load('- { use: residual, layers: [{ use: leakyReLU, alpha: null }], shortcut: null }'),
    );
    expect(stageOf(pipeline, 'build-model').params['model']).toMatchObject({
      generator: { layers: [{ layers: [{ alpha: 0.3 }], shortcut: [] }] },
    });
  });
});
