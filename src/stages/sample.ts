import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainedModelArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { defineStage, type StageContext } from '../core/stage.ts';
import { drawGrid, partThatFits, type ShownPart, type WantedGrid } from '../images/grid.ts';
import { evenColumns } from '../images/layout.ts';
import type { ImageBatch } from '../images/pixels.ts';
import { loadGenerator, type Generator } from '../models/generator.ts';
import { withWeights } from '../training/gan/chosen-weights.ts';
import { interpolationOf, sampleParams, type SampleParams } from '../training/gan/sample-params.ts';
import { modelProblems, sampleProblems } from '../training/gan/sample-problems.ts';
import { drawShare, sharesOf, type Share } from '../training/gan/sampling.ts';
import {
  checkSingles,
  publishSingles,
  singleNames,
  writeSingles,
  type SingleNames,
} from '../training/gan/singles.ts';

type Context = StageContext<SampleParams, { readonly model: TrainedModelArtifact }>;

/** @throws Failure for parameters that the model, which may be an earlier experiment's, does not fit */
function checkModel({ id, params, inputs }: Context): void {
  const [problem] = modelProblems(params, inputs.model);
  if (problem === undefined) return;
  const { code, message, suggestion, expected, hint } = problem;
  throw new Failure({
    code,
    exitCode: 2,
    message: `${id}: ${message}`,
    details: [
      ...(suggestion === undefined ? [] : [`did you mean "${suggestion}"?`]),
      ...(expected === undefined ? [] : [`expected ${expected}`]),
    ],
    ...(hint !== undefined && { hint }),
  });
}

/** Images of each share. */
function imagesOfShare(params: SampleParams): number {
  const { rows, steps } = interpolationOf(params) ?? { rows: 1, steps: params.count };
  return rows * steps;
}

/** Draws all images, writes the singles, and returns the images of the grid: equally many of each share. */
async function drawSamples(
  context: Context,
  generator: Generator,
  shares: readonly Share[],
  names: SingleNames,
  shown: ShownPart,
): Promise<ImageBatch> {
  const { params, signal } = context;
  const { model } = context.inputs;
  const { singles, truncation } = params;
  const count = imagesOfShare(params);
  const options = { count, truncation, interpolation: interpolationOf(params), signal };
  const [height, width, channels] = model.imageShape;
  const imageBytes = height * width * channels;
  const images = new Uint8Array(shown.shares * shown.each * imageBytes);
  let filled = 0;
  for (const [position, share] of shares.entries()) {
    const wanted = position < shown.shares ? shown.each : 0;
    let done = 0;
    for await (const batch of drawShare(generator, model, share, options)) {
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
  const total = all * imagesOfShare(context.params);
  if (shares * each === total) return;
  const classes = shares < all ? `, of the first ${shares} of ${all} classes` : '';
  context.emit({
    type: 'log',
    level: 'notice',
    text: `grid.png shows ${shares * each} of ${total} images${classes}`,
  });
}

/** The part of the grid that fits into one picture; of an interpolation whole rows, where one fits. */
function shownPart(
  { inputs: { model }, params }: Context,
  look: Pick<WantedGrid, 'columns' | 'scale'>,
  rowLabels: readonly string[],
): ShownPart {
  const [height, width, channels] = model.imageShape;
  const grid = { ...look, count: imagesOfShare(params), height, width, channels, rowLabels };
  const { shares, each } = partThatFits(grid);
  const row = interpolationOf(params)?.steps ?? 1;
  return { shares, each: each < row ? each : each - (each % row) };
}

/** `100 images, 10 classes` */
function words(context: Context, shares: number): string {
  const { params, inputs } = context;
  const total = shares * imagesOfShare(params);
  const classes = params.classes?.length ?? inputs.model.classes.length;
  const between = interpolationOf(params)?.between;
  return [
    `${total.toLocaleString('en-US')} images`,
    ...(inputs.model.conditional ? [`${classes} classes`] : []),
    ...(between === undefined ? [] : [`in rows between ${between === 'noise' ? 'noises' : between}`]),
  ].join(', ');
}

export default defineStage({
  name: 'sample',
  version: 2,
  summary: 'Draws images with a trained generator: a labelled grid, and single PNGs.',
  params: sampleParams,
  inputs: {
    model: {
      kind: 'trained-model',
      description: 'The model to sample from, unless `from` names an experiment that has one.',
    },
  },
  outputs: { images: { kind: 'images', description: 'grid.png, and the images one by one in singles/.' } },
  borrows: ({ from }) =>
    from === undefined ? [] : [{ input: 'model', experiment: from, because: ['from'] }],
  ignores: ({ interpolate }) =>
    interpolate === undefined
      ? []
      : [
          {
            path: ['columns'],
            because: ['interpolate'],
            hint: 'leave out columns: a row of an interpolation has as many images as count says',
          },
        ],
  check: sampleProblems,
  outline: (params, { model }) => ({ problems: modelProblems(params, model) }),
  async run(context) {
    const { params, inputs, outputDir } = context;
    const { model } = inputs;
    checkModel(context);
    const shares = sharesOf(model, params, context.seed);
    const count = imagesOfShare(params);
    if (params.singles) checkSingles(context, shares.length * count);
    const names = params.singles ? singleNames(shares, count) : [];
    const labels = shares.flatMap(({ label }) => (label === undefined ? [] : [label.name]));
    const { scale } = params;
    const columns = interpolationOf(params)?.steps ?? params.columns;
    const look = { columns, ...(scale !== undefined && { scale }) };
    // Before the first image is drawn: fails for a scale at which none fits.
    const shown = shownPart(context, look, labels);
    if (params.singles) await mkdir(join(outputDir, 'singles'));
    const { tf } = await context.tensorflow();
    const generator = await loadGenerator(tf, withWeights(model, params.weights));
    let samples: ImageBatch;
    try {
      samples = await drawSamples(context, generator, shares, names, shown);
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
    context.report(words(context, shares.length));
    return {
      images: {
        kind: 'images',
        dir: outputDir,
        files: ['grid.png', ...(params.singles ? names.flat() : [])],
      },
    };
  },
});
