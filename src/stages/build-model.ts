import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { defineStage } from '../core/stage.ts';
import { codeDir } from '../host/paths.ts';
import { bindGan, builtInGan, builtInGanFile } from '../models/gan.ts';
import { GanSchema } from '../models/schema.ts';
import { summarize, weightCount } from '../models/summary.ts';

const params = Type.Object(
  {
    model: Type.Union([Type.Literal('dcgan'), Type.Literal('cgan'), GanSchema], {
      yamlFile: true,
      description:
        'A built-in model, `dcgan` or `cgan`, or networks of your own: the path of a YAML file, or written out here.',
    }),
  },
  { additionalProperties: false },
);

export default defineStage({
  name: 'build-model',
  version: 1,
  summary: 'Builds the generator and the discriminator for the data at hand, and checks their shapes.',
  params,
  inputs: { dataset: { kind: 'dataset', description: 'Gives the image size and the classes.' } },
  outputs: { model: { kind: 'model', description: 'Both networks, not trained yet.' } },
  contentKey: async ({ model }, { digest }) =>
    typeof model === 'string' ? digest(builtInGanFile(codeDir, model)) : '',
  run: async context => {
    const { dataset } = context.inputs;
    const { model } = context.params;
    const spec = typeof model === 'string' ? builtInGan(codeDir, model) : model;
    const artifact = {
      kind: 'model',
      dir: context.outputDir,
      model: typeof model === 'string' ? model : (model.name ?? 'own'),
      latentDim: spec.latent,
      imageShape: [dataset.height, dataset.width, dataset.channels],
      classes: dataset.classes,
      generator: spec.generator,
      discriminator: spec.discriminator,
      seed: context.seed,
    } as const;
    const { generator, discriminator } = bindGan(artifact);
    const table = `${summarize(generator)}\n\n${summarize(discriminator)}\n`;
    await writeFile(join(context.outputDir, 'summary.txt'), table);
    context.emit({ type: 'publish', path: 'summary.txt' });
    context.emit({ type: 'log', level: 'notice', text: table });
    const count = (network: typeof generator) => weightCount(network).toLocaleString('en-US');
    context.report(
      `${artifact.model}: generator ${count(generator)} weights, discriminator ${count(discriminator)}`,
    );
    return { model: { ...artifact, conditional: generator.conditional } };
  },
});
