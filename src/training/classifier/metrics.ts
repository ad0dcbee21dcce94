import type { MetricDeclaration } from '../../core/stage.ts';
import type { Metrics } from '../task.ts';
import type { ClassificationScores } from './scores.ts';
import type { RegressionScores } from './target-scores.ts';

type Score = Pick<MetricDeclaration, 'direction' | 'description'>;

const classification = {
  loss: { direction: 'min', description: 'Cross-entropy' },
  accuracy: { direction: 'max', description: 'Share of examples whose class is recognised' },
  top_k: { direction: 'max', description: 'Share of examples whose class is among the k most probable ones' },
  macro_f1: { direction: 'max', description: 'Mean F1 of the classes' },
} as const satisfies Record<string, Score>;

const regression = {
  mae: { direction: 'min', description: 'Mean absolute error' },
  r2: { direction: 'max', description: 'Coefficient of determination' },
} as const satisfies Record<string, Score>;

const scores = { ...classification, ...regression };

type ScoreName = keyof typeof scores;

const NAMES = Object.keys(scores) as ScoreName[];

/** A part that is measured and not trained on. */
export type MeasuredPart = 'val' | 'test';

const declared = (part: MeasuredPart, words: string): Readonly<Record<string, MetricDeclaration>> =>
  Object.fromEntries(
    NAMES.map(name => {
      const { direction, description } = scores[name];
      const what = name === 'loss' ? 'Cross-entropy, or mean squared error' : description;
      return [`${part}_${name}`, { direction, description: `${what}, ${words}.` }];
    }),
  );

/** Metrics of the validation part by which weights can be chosen. */
export const MONITORED = NAMES.map(name => `val_${name}` as const);

export type Monitored = (typeof MONITORED)[number];

export const directionOf = (metric: Monitored): 'min' | 'max' =>
  scores[metric.replace(/^val_/, '') as ScoreName].direction;

/** Those that a task measures. */
export function measuredScores(
  isRegression: boolean,
  classes: number | undefined,
  k: number,
): readonly Monitored[] {
  if (isRegression) return ['val_loss', 'val_mae', 'val_r2'];
  const all = Object.keys(classification).map(name => `val_${name}` as Monitored);
  return classes !== undefined && classes <= k ? all.filter(name => name !== 'val_top_k') : all;
}

/** The metrics of the stage `fit`. */
export const fitMetrics: Readonly<Record<string, MetricDeclaration>> = {
  loss: { direction: 'min', description: 'Loss of a batch in training: with weights, smoothing and mixup.' },
  accuracy: {
    direction: 'max',
    description: 'Share of a batch whose class is recognised, as it is trained on.',
  },
  ...declared('val', 'of the validation part'),
  ...declared('test', 'of the test part with the best weights'),
  examples_per_second: {
    direction: 'max',
    unit: 'examples/s',
    description: 'Training speed.',
    wallClock: true,
  },
};

/** Scores of a part as metrics by their names. */
export function scoreMetrics(part: MeasuredPart, scores: ClassificationScores | RegressionScores): Metrics {
  const values: Readonly<Record<string, number>> =
    'mse' in scores
      ? { loss: scores.mse, mae: scores.mae, ...(Number.isFinite(scores.r2) && { r2: scores.r2 }) }
      : {
          loss: scores.loss,
          accuracy: scores.accuracy,
          macro_f1: scores.macroF1,
          ...(scores.k < scores.confusion.length && { top_k: scores.topK }),
        };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${part}_${name}`, value]));
}
