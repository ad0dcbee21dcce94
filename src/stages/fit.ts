import { defineStage } from '../core/stage.ts';
import { codeDir } from '../host/paths.ts';
import { builtInFile } from '../models/built-in.ts';
import {
  checkFitData,
  fitIterations,
  fitTaskOptions,
  fitValidation,
  PartScores,
  withParts,
} from '../training/classifier/fit.ts';
import { bestWords } from '../training/best-words.ts';
import { writeFitReport } from '../training/classifier/fit-report.ts';
import { fitMetrics } from '../training/classifier/metrics.ts';
import {
  blockProblems,
  fitNetwork,
  networkProblems,
  predictorOutline,
} from '../training/classifier/network.ts';
import { fitParams, type FitParams } from '../training/classifier/params.ts';
import { fitProblems } from '../training/classifier/problems.ts';
import { preparePredictor, trainedStates } from '../training/classifier/save.ts';
import { fitTask } from '../training/classifier/task.ts';
import { warnOfData } from '../training/classifier/warnings.ts';
import { ignoredByOptimizer } from '../training/optimizers/param.ts';
import { runTraining } from '../training/run-training.ts';
import { scheduleObstacle } from '../training/schedule-obstacle.ts';
import { scheduleProblems } from '../training/schedule-param.ts';

export default defineStage({
  name: 'fit',
  version: 1,
  summary: 'Trains a network to predict classes or numbers; keeps the best weights.',
  params: fitParams,
  inputs: {
    dataset: { kind: 'dataset', description: 'The examples to learn from.' },
    validation: {
      kind: 'dataset',
      description: 'Examples that are not trained on, by which the best weights are chosen.',
      optional: true,
      byName: true,
    },
    test: {
      kind: 'dataset',
      description: 'Examples that nothing is chosen by: they measure the best weights, once.',
      optional: true,
      byName: true,
    },
  },
  outputs: {
    predictor: { kind: 'predictor', description: 'The trained network.' },
    report: { kind: 'files', description: 'What it gets right and wrong of the test or validation part.' },
  },
  metrics: fitMetrics,
  ignores: params => [
    ...(params.iterations === undefined ? [] : [{ path: ['epochs'], because: ['iterations'] }]),
    ...ignoredByOptimizer(params),
  ],
  outline: (params, { dataset, validation, test }) => ({
    outputs: { predictor: predictorOutline(dataset) },
    problems: [
      ...networkProblems(params.network, dataset),
      ...fitProblems(params, { dataset, validation, test }),
    ],
  }),
  cacheKey: async ({ network }, { digest }) =>
    typeof network === 'string' ? digest(builtInFile(codeDir, network)) : '',
  resumable: {
    parameters: ['epochs', 'iterations', 'schedule', 'savedModel', 'checkpoint', 'logEvery'],
    lengthenedBy: ['iterations', 'epochs'],
    pausable: true,
    obstacle: ({ then, now, inputs, ...stage }) => {
      const scheduled = (params: FitParams) => ({
        ...params,
        iterations: fitIterations(params, inputs.dataset),
      });
      return scheduleObstacle(scheduled(then), scheduled(now), stage);
    },
  },
  check: params => [
    ...scheduleProblems(params.schedule, params.iterations),
    ...blockProblems(params.network),
  ],
  run: async context => {
    const { params, inputs } = context;
    checkFitData(context);
    const network = fitNetwork(params.network, inputs.dataset);
    const tensorflow = await context.tensorflow();
    return withParts(inputs, async parts => {
      await warnOfData(context, parts);
      const scores = new PartScores(context, tensorflow, network, parts);
      try {
        const validation = fitValidation(context, scores);
        const options = fitTaskOptions(context, parts.dataset, validation);
        const task = fitTask(tensorflow, network, parts.dataset, options);
        const save = preparePredictor(context, tensorflow, network);
        const { state, iterations, words } = await runTraining(context, task, {
          ...params,
          iterations: fitIterations(params, inputs.dataset),
          sample: { every: params.checkpoint.every },
          speed: 'examples_per_second',
        });
        const best = validation?.best();
        const trained = await trainedStates(context, { iterations, last: state, best });
        const predictor = await save(trained);
        const { report, result } = await writeFitReport(context, network, { parts, scores }, trained);
        context.report([result ?? [], bestWords(best), words].flat().join('; '));
        return { predictor, report };
      } finally {
        await scores.dispose();
      }
    });
  },
});
