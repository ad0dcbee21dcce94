import type { MetricDeclaration } from '../core/stage.ts';

/** A score as tables and records name it. */
interface ScoreKind extends MetricDeclaration {
  /** What tables call it. */
  readonly title: string;
  readonly direction: 'min' | 'max';
}

/** Scores of generated pictures, in the order of tables. KID comes first: it is unbiased, so that it tells small differences. */
export const SCORES = {
  kid: {
    title: 'KID',
    direction: 'min',
    description: 'Kernel distance to held-out pictures, unbiased (Bińkowski et al. 2018).',
  },
  fid: {
    title: 'FID',
    direction: 'min',
    description: 'Fréchet distance to held-out pictures (Heusel et al. 2017); falls with more pictures.',
  },
  fid_infinity: {
    title: 'FID∞',
    direction: 'min',
    description: 'FID extrapolated to infinitely many generated pictures (Chong & Forsyth 2020).',
  },
  class_fid: {
    title: 'FID within classes',
    direction: 'min',
    description: 'Mean of the Fréchet distances within each class.',
  },
  precision: {
    title: 'precision',
    direction: 'max',
    description: 'Share of generated pictures among the real ones (Kynkäänniemi et al. 2019).',
  },
  recall: {
    title: 'recall',
    direction: 'max',
    description: 'Share of real pictures among the generated ones (Kynkäänniemi et al. 2019).',
  },
  density: {
    title: 'density',
    direction: 'max',
    description: 'How closely real pictures surround the generated ones (Naeem et al. 2020).',
  },
  coverage: {
    title: 'coverage',
    direction: 'max',
    description: 'Share of real pictures with a generated one near by (Naeem et al. 2020).',
  },
  inception_score: {
    title: 'Inception score',
    direction: 'max',
    description: 'How clear and how varied the classes seen in the pictures are (Salimans et al. 2016).',
  },
  label_accuracy: {
    title: 'label recognised',
    direction: 'max',
    description: 'Share of pictures in which the classifier sees the class that was asked for.',
  },
  class_divergence: {
    title: 'class divergence',
    direction: 'min',
    description: 'Kullback–Leibler divergence of the classes seen from those of held-out pictures.',
  },
  copies: {
    title: 'copies suspected',
    direction: 'min',
    description:
      'Share of pictures closer to a training picture than that is to any other one (Alaa et al. 2022).',
  },
} as const satisfies Readonly<Record<string, ScoreKind>>;

export type ScoreName = keyof typeof SCORES;

/** The names, in the order of tables. */
export const SCORE_NAMES = Object.keys(SCORES) as readonly ScoreName[];

/** Declarations of the scores as metrics of a stage. */
export const scoreMetrics = (): Readonly<Record<ScoreName, MetricDeclaration>> =>
  Object.fromEntries(
    SCORE_NAMES.map(name => [
      name,
      { direction: SCORES[name].direction, description: SCORES[name].description },
    ]),
  ) as Record<ScoreName, MetricDeclaration>;
