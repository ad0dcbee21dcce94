import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import type { TrainedModelArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { ModelOutline } from '../core/outline.ts';
import { defineStage, type ParamProblem, type StageContext } from '../core/stage.ts';
import { unknownClasses } from '../data/unknown-classes.ts';
import { drawGrid, partThatFits, type ShownPart } from '../images/grid.ts';
import { evenColumns } from '../images/layout.ts';
import type { ImageBatch } from '../images/pixels.ts';
import { loadGenerator, type Generator } from '../models/generator.ts';
import { drawShare, sharesOf, type Share } from '../training/gan/sampling.ts';
import {
  checkSingles,
  publishSingles,
  singleNames,
  writeSingles,
  type SingleNames,
} from '../training/gan/singles.ts';

const params = Type.Object(
  {
    count: Type.Integer({
      default: 10,
      minimum: 1,
      maximum: 100_000,
      description: 'How many images: of each class from a conditional model, in all from another.',
    }),
    from: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Sample from the model of an earlier experiment instead: `exp-3`, `latest`, `latest:cgan`, or a tag.',
      }),
    ),
    classes: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        uniqueItems: true,
        description: 'Only these classes, in this order. For conditional models; all classes by default.',
      }),
    ),
    singles: Type.Boolean({
      default: true,
      description: 'Write each image as a PNG of its own too, at its own size.',
    }),
    columns: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        description:
          'Images in a row of the grid; by default at most 10, in even rows. Each class begins on a row of its own.',
      }),
    ),
    scale: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 32,
        description:
          'Enlargement in the grid: a pixel becomes a square of so many pixels. By default images are shown about 96 pixels wide.',
      }),
    ),
  },
  { additionalProperties: false },
);

type Params = Static<typeof params>;

/** Problems for classes that the model cannot draw, as far as known. */
function wrongClasses(wanted: readonly string[], model: ModelOutline): readonly ParamProblem[] {
  if (model.conditional !== false || wanted.length === 0)
    return unknownClasses(wanted, model.classes ?? wanted);
  return [
    {
      path: ['classes'],
      code: 'classes-without-labels',
      message: 'the model takes no labels: it cannot draw the classes asked for',
      hint: 'leave out classes, or train a conditional model such as cgan',
    },
  ];
}

type Context = StageContext<Params, { readonly model: TrainedModelArtifact | undefined }>;

async function chooseModel(context: Context): Promise<TrainedModelArtifact> {
  const { from } = context.params;
  if (from !== undefined) {
    const experiment = await context.experiments.find(from);
    const models = await experiment.outputs('trained-model');
    const model = models.at(-1)?.artifact;
    if (model !== undefined) return model;
    throw new Failure({
      code: 'no-trained-model',
      message: `${experiment.record.id} (${experiment.record.pipeline.name}) has no trained model to sample from`,
      hint: 'name an experiment whose training finished; pipe list shows them',
    });
  }
  if (context.inputs.model) return context.inputs.model;
  throw new Failure({
    code: 'no-trained-model',
    message: `${context.id}: there is no trained model to sample from`,
    hint: `put a train stage before it, or name an earlier experiment: --set ${context.id}.from=latest`,
  });
}

/** Draws all images, writes the singles, and returns the images of the grid: equally many of each share. */
async function drawSamples(
  context: Context,
  generator: Generator,
  model: TrainedModelArtifact,
  shares: readonly Share[],
  names: SingleNames,
  shown: ShownPart,
): Promise<ImageBatch> {
  const { count, singles } = context.params;
  const [height, width, channels] = model.imageShape;
  const imageBytes = height * width * channels;
  const images = new Uint8Array(shown.shares * shown.each * imageBytes);
  let filled = 0;
  for (const [position, share] of shares.entries()) {
    const wanted = position < shown.shares ? shown.each : 0;
    let done = 0;
    for await (const batch of drawShare(generator, model, share, { count, signal: context.signal })) {
      const files = names[position]?.slice(done, done + batch.count) ?? [];
      if (singles) await writeSingles(context.outputDir, batch, files);
      const kept = Math.max(0, Math.min(batch.count, wanted - done)) * imageBytes;
      images.set(batch.images.subarray(0, kept), filled);
      filled += kept;
      done += batch.count;
      const progress = { done: position * count + done, total: shares.length * count };
      context.emit({ type: 'progress', ...progress, unit: 'images' });
    }
  }
  return { images, count: shown.shares * shown.each, height, width, channels };
}

/** Notes which images grid.png shows if not all. */
function notePart(context: Context, { shares, each }: ShownPart, all: number): void {
  const total = all * context.params.count;
  if (shares * each === total) return;
  const classes = shares < all ? `, of the first ${shares} of ${all} classes` : '';
  context.emit({
    type: 'log',
    level: 'notice',
    text: `grid.png shows ${shares * each} of ${total} images${classes}`,
  });
}

export default defineStage({
  name: 'sample',
  version: 1,
  summary: 'Draws images with a trained generator: a labelled grid, and single PNGs.',
  params,
  inputs: {
    model: {
      kind: 'trained-model',
      description: 'The model to sample from, unless `from` names another.',
      optional: true,
    },
  },
  outputs: { images: { kind: 'images', description: 'grid.png, and the images one by one in singles/.' } },
  // A fingerprint cannot cover another experiment's model.
  alwaysRun: ({ from }) => from !== undefined,
  outline: ({ classes = [], from }, { model = {} }) =>
    from === undefined ? { problems: wrongClasses(classes, model) } : {},
  async run(context) {
    const { params, outputDir } = context;
    const model = await chooseModel(context);
    const shares = sharesOf(model, params.classes, context.seed);
    if (params.singles) checkSingles(context, shares.length * params.count);
    const names = params.singles ? singleNames(shares, params.count) : [];
    const labels = shares.flatMap(({ label }) => (label === undefined ? [] : [label.name]));
    const [height, width, channels] = model.imageShape;
    const { count, columns, scale } = params;
    const look = { columns, ...(scale !== undefined && { scale }) };
    // Before the first image is drawn: fails for a scale at which none fits.
    const shown = partThatFits({ ...look, count, height, width, channels, rowLabels: labels });
    if (params.singles) await mkdir(join(outputDir, 'singles'));
    const { tf } = await context.tensorflow();
    const generator = await loadGenerator(tf, model);
    let samples: ImageBatch;
    try {
      samples = await drawSamples(context, generator, model, shares, names, shown);
    } finally {
      generator.dispose();
    }
    notePart(context, shown, shares.length);
    const rowLabels = labels.slice(0, shown.shares);
    const grid = await drawGrid({
      ...samples,
      ...look,
      columns: columns ?? evenColumns(shown.each),
      rowLabels,
    });
    await writeFile(join(outputDir, 'grid.png'), grid);
    context.emit({ type: 'publish', path: 'grid.png' });
    if (params.singles) publishSingles(context, names);
    const total = shares.length * count;
    context.report(
      `${total.toLocaleString('en-US')} images${model.conditional ? `, ${shares.length} classes` : ''}`,
    );
    return {
      images: {
        kind: 'images',
        dir: outputDir,
        files: ['grid.png', ...(params.singles ? names.flat() : [])],
      },
    };
  },
});
