import type { DatasetArtifact, ModelArtifact, ScoreReferenceArtifact } from '../core/artifacts.ts';
import { scoreMetrics } from '../scores/catalogue.ts';
import { defineStage, type StageContext } from '../core/stage.ts';
import { withDataset, type Dataset } from '../data/dataset.ts';
import { writeSeenPictures } from '../data/seen-pictures.ts';
import { bindGan } from '../models/gan.ts';
import { epochOf, iterationsPerEpoch } from '../training/batches.ts';
import { pictureFile } from '../training/earlier.ts';
import { againstCollapse, againstDivergence, againstWinning } from '../training/gan/advice.ts';
import { averagedWeights } from '../training/gan/average.ts';
import { balancingLabels } from '../training/gan/balanced.ts';
import { checkFit, fitProblems } from '../training/gan/fit.ts';
import { objectiveProblems } from '../training/gan/objective-params.ts';
import { imagesPerIteration, paramProblems } from '../training/gan/param-problems.ts';
import { ganParams, type GanParams } from '../training/gan/params.ts';
import { saveGan } from '../training/gan/save.ts';
import { ganSettings } from '../training/gan/settings.ts';
import { frameImages } from '../training/gan/snapshot.ts';
import { bestWords } from '../training/best-words.ts';
import { GanScoring } from '../training/gan/scoring.ts';
import { checkScoring, scoringProblems } from '../training/gan/scoring-problems.ts';
import { GAN_PICTURES, ganTask, type GanTaskOptions } from '../training/gan/task.ts';
import { GanWatch } from '../training/gan/watch.ts';
import { ignoredByOptimizer } from '../training/optimizers/param.ts';
import { recordingParams } from '../training/params.ts';
import { runTraining } from '../training/run-training.ts';
import { GENERATOR_NAMES, prepareSavedModel } from '../training/save-saved-model.ts';
import { scheduleObstacle } from '../training/schedule-obstacle.ts';
import { scheduleOf, scheduleProblems } from '../training/schedule-param.ts';

type Inputs = {
  readonly dataset: DatasetArtifact;
  readonly model: ModelArtifact;
  readonly reference: ScoreReferenceArtifact | undefined;
};

export default defineStage({
  name: 'train',
  version: 1,
  summary: 'Trains the networks; keeps metrics, sample grids, frames and checkpoints as it goes.',
  params: ganParams,
  inputs: {
    dataset: { kind: 'dataset', description: 'The images to learn from.' },
    model: { kind: 'model', description: 'The networks to train.' },
    reference: {
      kind: 'score-reference',
      description: 'Held-out pictures to score the generator against on the way, for `evaluate`.',
      optional: true,
    },
  },
  outputs: {
    model: { kind: 'trained-model', description: 'Both networks as TensorFlow.js layers models.' },
    frames: { kind: 'frames', description: 'The same noise drawn as training went on.' },
  },
  metrics: {
    d_loss: { direction: 'none', description: 'Discriminator loss, mean of real and fake.' },
    d_loss_real: { direction: 'none', description: 'Discriminator loss on real images.' },
    d_loss_fake: { direction: 'none', description: 'Discriminator loss on generated images.' },
    d_accuracy: { direction: 'none', description: 'Share of images that the discriminator judges right.' },
    g_loss: { direction: 'none', description: 'Generator loss.' },
    d_class_loss: {
      direction: 'none',
      description: 'Class loss of the discriminator on real images (AC-GAN).',
    },
    d_class_accuracy: {
      direction: 'none',
      description: 'Share of real images whose class the discriminator recognises (AC-GAN).',
    },
    g_class_loss: { direction: 'none', description: 'Class loss of the generator (AC-GAN).' },
    d_penalty: { direction: 'none', description: 'Gradient penalty in the discriminator’s loss.' },
    ...scoreMetrics(),
    images_per_second: {
      direction: 'max',
      unit: 'images/s',
      description: 'Training speed.',
      wallClock: true,
    },
  },
  ignores: params => [
    ...(params.iterations === undefined ? [] : [{ path: ['epochs'], because: ['iterations'] }]),
    ...ignoredByOptimizer(params),
  ],
  outline: (params, { dataset, model, reference }) => ({
    outputs: { model },
    problems: [
      ...fitProblems(dataset, model),
      ...paramProblems(params, dataset, model),
      ...scoringProblems(params, model, reference),
    ],
  }),
  resumable: {
    parameters: ['epochs', 'iterations', 'schedule', 'savedModel', ...Object.keys(recordingParams)],
    lengthenedBy: ['iterations', 'epochs'],
    pausable: true,
    obstacle: ({ then, now, inputs, ...stage }) => {
      const iterations = (params: GanParams) => iterationsOf(params, inputs.dataset);
      return scheduleObstacle(
        { ...then, iterations: iterations(then) },
        { ...now, iterations: iterations(now) },
        stage,
      );
    },
  },
  check: params => [...scheduleProblems(params.schedule, params.iterations), ...objectiveProblems(params)],
  run: async context => {
    const { params, inputs, outputDir } = context;
    const { dataset: artifact, model } = inputs;
    checkFit(params, artifact, model);
    checkScoring(params, model, inputs.reference);
    const tensorflow = await context.tensorflow();
    const networks = bindGan(model);
    return withDataset(artifact, async dataset => {
      const iterations = iterationsOf(params, artifact);
      // Before training: what cannot be saved is refused at once.
      const saveGenerator = params.savedModel
        ? prepareSavedModel(context, tensorflow, networks.generator, GENERATOR_NAMES)
        : undefined;
      const scoring = await GanScoring.open(context, tensorflow, networks.generator, dataset, iterations);
      const validation = scoring?.validation;
      const task = ganTask(tensorflow, model, networks, dataset, {
        ...taskOptions(context, dataset),
        validation,
      });
      const options = { ...params, iterations, speed: 'images_per_second' };
      const { state, pictured, words } = await runTraining(context, task, options).finally(() =>
        scoring?.dispose(),
      );
      const best = validation?.best();
      const saved = await saveGan(context, networks, { state, best, iterations });
      if (best !== undefined) context.report([words, ...bestWords(best)].join('; '));
      await saveGenerator?.(averagedWeights(networks.generator, state));
      const trainedOn = await writeSeenPictures(outputDir, dataset, context.signal);
      const frames = pictured.map(iteration => ({
        file: pictureFile('frames', GAN_PICTURES.frames, iteration),
        epoch: epochOf(Math.max(iteration, 1), task.batches.perEpoch),
        iteration,
      }));
      return {
        model: { ...saved, trainedOn },
        frames: { kind: 'frames', dir: outputDir, frames },
      };
    });
  },
});

/** The last iteration. */
const iterationsOf = ({ iterations, epochs, ...params }: GanParams, { count }: DatasetArtifact): number =>
  iterations ?? epochs * iterationsPerEpoch({ count, batchSize: imagesPerIteration(params) });

function taskOptions(context: StageContext<GanParams, Inputs>, dataset: Dataset): GanTaskOptions {
  const { id, seed, params, inputs } = context;
  const { shuffle, learningRate, discriminatorLearningRate = learningRate } = params;
  const scheduled = (rate: number) =>
    scheduleOf({ ...params, learningRate: rate, iterations: iterationsOf(params, inputs.dataset) });
  return {
    seed,
    batchSize: imagesPerIteration(params),
    shuffle,
    balancedBy: params.balanced ? balancingLabels(dataset, id) : undefined,
    learningRate: {
      generator: scheduled(learningRate),
      discriminator: scheduled(discriminatorLearningRate),
    },
    settings: ganSettings(params),
    frameLabels: frameLabels(context),
    watch: watchOf(context),
    remedy: againstDivergence({ id, params, model: inputs.model }),
  };
}

function watchOf({ id, params, inputs, emit }: StageContext<GanParams, Inputs>): GanWatch {
  const training = { id, params, model: inputs.model };
  return new GanWatch({
    every: params.sample.every,
    until: iterationsOf(params, inputs.dataset),
    againstWinning: againstWinning(training),
    againstCollapse: againstCollapse(training),
    warn: text => emit({ type: 'log', level: 'warning', text }),
  });
}

/** The classes that a frame shows, if it shows classes. */
function frameLabels(context: StageContext<GanParams, Inputs>): readonly string[] | undefined {
  const { conditional, classes, imageShape } = context.inputs.model;
  if (!conditional) return undefined;
  const shown = classes.slice(0, frameImages(imageShape, classes));
  if (shown.length < classes.length) {
    const text = `frames show the first ${shown.length} of ${classes.length} classes: more do not fit into a picture`;
    context.emit({ type: 'log', level: 'notice', text });
  }
  return shown;
}
