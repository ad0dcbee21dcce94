import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { defineStage, type ParamProblem } from '../core/stage.ts';
import { imagesNeeded, needImages } from '../data/images-needed.ts';
import { codeDir } from '../host/paths.ts';
import { expandGan, type ExpandedGan } from '../models/blocks/expand-gan.ts';
import { writtenPath } from '../models/blocks/written-path.ts';
import { builtInFile } from '../models/built-in.ts';
import { drawnRange } from '../models/drawn-range.ts';
import { discriminatorOutline } from '../models/discriminator-outline.ts';
import {
  BUILT_IN_GANS,
  bindGan,
  builtInGan,
  inferGan,
  type BuiltInGan,
  type GanMistake,
} from '../models/gan.ts';
import { GanSchema, type GanSpec } from '../models/schema.ts';
import { named } from '../models/size.ts';
import { multiplyAdds, shortCount, summarize, weightCount } from '../models/summary.ts';

const params = Type.Object(
  {
    model: Type.Unsafe<BuiltInGan | GanSpec>(
      Type.Union([...BUILT_IN_GANS.map(name => Type.Literal(name)), GanSchema], {
        yamlFile: true,
        description:
          'A ready-made model by its name, or networks of your own: the path of a YAML file, or written out here.',
      }),
    ),
  },
  { additionalProperties: false },
);

type Model = Static<typeof params>['model'];

const ganOf = (model: Model): ExpandedGan =>
  typeof model === 'string' ? builtInGan(codeDir, model) : expandGan(model);

/** A mistake as a problem at its layer as written, or at the name of a built-in model. */
function toProblem({ network, code, path, message, hint }: GanMistake, model: Model): ParamProblem {
  return {
    path: typeof model === 'string' ? ['model'] : ['model', ...writtenPath(model, [network, ...path])],
    code,
    message,
    hint,
  };
}

const inModel = (problem: ParamProblem): ParamProblem => ({ ...problem, path: ['model', ...problem.path] });

export default defineStage({
  name: 'build-model',
  version: 1,
  summary: 'Builds the generator and the discriminator for the data at hand, and checks their shapes.',
  params,
  inputs: { dataset: { kind: 'dataset', description: 'Gives the image size and the classes.' } },
  outputs: { model: { kind: 'model', description: 'Both networks, not trained yet.' } },
  check: ({ model }) => (typeof model === 'string' ? [] : expandGan(model).mistakes.map(inModel)),
  outline: ({ model }, { dataset }) => {
    const numbers = imagesNeeded(dataset);
    if (numbers.length > 0) return { problems: numbers };
    const spec = ganOf(model);
    const { generator, discriminator, mistakes } = inferGan({
      latentDim: spec.latent,
      imageShape: [
        dataset.height ?? named('height'),
        dataset.width ?? named('width'),
        dataset.channels ?? named('channels'),
      ],
      classes: dataset.classes?.length ?? named('classes'),
      generator: spec.generator,
      discriminator: spec.discriminator,
    });
    const { height, width, channels, classes } = dataset;
    const drawn = drawnRange(spec.generator);
    const known = {
      ...{ height, width, channels, classes, drawn },
      conditional: generator.conditional,
      discriminator: discriminatorOutline(discriminator),
    };
    return {
      outputs: { model: known },
      problems: [...mistakes.map(mistake => toProblem(mistake, model)), ...spec.warnings.map(inModel)],
    };
  },
  cacheKey: async ({ model }, { digest }) =>
    typeof model === 'string' ? digest(builtInFile(codeDir, model)) : '',
  run: async context => {
    const { dataset } = context.inputs;
    const { model } = context.params;
    needImages(dataset);
    const spec = ganOf(model);
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
    const note = 'mult-adds: multiplications by kernels for one image, with the layers as written';
    const table = `${summarize(generator)}\n\n${summarize(discriminator)}\n\n${note}\n`;
    await writeFile(join(context.outputDir, 'summary.txt'), table);
    context.emit({ type: 'publish', path: 'summary.txt' });
    context.emit({ type: 'log', level: 'info', text: table });
    const size = (network: typeof generator) =>
      `${weightCount(network).toLocaleString('en-US')} weights, ${shortCount(multiplyAdds(network))} multiply-adds`;
    context.report(`${artifact.model}: generator ${size(generator)}; discriminator ${size(discriminator)}`);
    return { model: { ...artifact, conditional: generator.conditional } };
  },
});
