/** What to do about training that goes wrong, by the parameters of its stage. */
import type { ModelArtifact } from '../../core/artifacts.ts';
import type { GanParams } from './params.ts';

export interface AdvisedTraining {
  /** The stage's id. */
  readonly id: string;
  readonly params: Pick<
    GanParams,
    'learningRate' | 'discriminatorLearningRate' | 'loss' | 'labelSmoothing' | 'augment' | 'gradientPenalty'
  >;
  readonly model: Pick<ModelArtifact, 'discriminator'>;
}

const slower = ({ id, params }: AdvisedTraining): string =>
  `--set ${id}.learningRate=${params.learningRate / 2}`;

export const againstDivergence = (training: AdvisedTraining): string =>
  `Try a smaller learning rate: ${slower(training)}`;

export const againstCollapse = (training: AdvisedTraining): string =>
  `Try a smaller learning rate, or another seed: ${slower(training)}, --set seed=2`;

/** What usually helps a generator, of what the training does not use yet. Undefined for a critic, which may win. */
export function againstWinning({ id, params, model }: AdvisedTraining): string | undefined {
  const { loss, labelSmoothing, learningRate, discriminatorLearningRate = learningRate } = params;
  const { augment, gradientPenalty } = params;
  if (loss === 'wgan-gp') return undefined;
  const isNormalized = JSON.stringify(model.discriminator).includes('"spectralNormalization":true');
  const advice = [
    `--set ${id}.discriminatorLearningRate=${discriminatorLearningRate / 2}`,
    ...(loss === 'bce' && labelSmoothing === 0 ? [`--set ${id}.labelSmoothing=0.1`] : []),
    ...(augment.length === 0 ? [`--set ${id}.augment=[translation,cutout]`] : []),
    ...(isNormalized ? [] : ['spectralNormalization: true in the layers of the discriminator']),
    ...(isNormalized || gradientPenalty !== undefined ? [] : [`--set '${id}.gradientPenalty={kind: r1}'`]),
  ];
  return `What usually helps: ${advice.join(', ')}.`;
}
