/** The choice of an optimizer as parameters of a stage. */
import { Type, type Static, type TObject } from 'typebox';
import type { IgnoredParam } from '../../core/stage.ts';
import { adam, adamw } from './adam.ts';
import { clipByGlobalNorm } from './clip.ts';
import type { Optimizer } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

/** By the names that people write. */
const optimizers = { adam, adamw, sgd, rmsprop };

type OptimizerName = keyof typeof optimizers;

/** A number in [0, 1). */
export const share = (initial: number, description: string) =>
  Type.Number({ minimum: 0, exclusiveMaximum: 1, default: initial, description });

/** Which optimizer moves the weights, and its settings; beside them a stage has a `learningRate`. */
export const optimizerParams = {
  optimizer: Type.Union(
    [Type.Literal('adam'), Type.Literal('adamw'), Type.Literal('sgd'), Type.Literal('rmsprop')],
    {
      default: 'adam',
      description:
        'How gradients move weights: Adam, Adam with decoupled weight decay, gradient descent or RMSProp, as Keras computes them.',
    },
  ),
  beta1: share(0.5, 'Decay of Adam’s first moment.'),
  beta2: share(0.999, 'Decay of Adam’s second moment.'),
  epsilon: Type.Number({ exclusiveMinimum: 0, default: 1e-7, description: 'ε of Adam and RMSProp.' }),
  weightDecay: Type.Number({
    minimum: 0,
    default: 0.004,
    description: 'AdamW: the share of each weight that an update takes away, times the learning rate.',
  }),
  momentum: share(0, 'The share of the last step that the next one adds, with sgd and rmsprop.'),
  nesterov: Type.Boolean({ default: false, description: 'Nesterov’s momentum, with sgd.' }),
  rho: share(0.9, 'Decay of RMSProp’s mean of squares.'),
  clipNorm: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      description: 'The largest norm of a network’s gradients; longer ones are scaled to it.',
    }),
  ),
};

export type OptimizerParams = Readonly<Static<TObject<typeof optimizerParams>>>;

/** The optimizer that a stage's parameters describe. */
export function optimizerOf({ optimizer, clipNorm, ...settings }: OptimizerParams): Optimizer {
  const made = optimizers[optimizer](settings);
  return clipNorm === undefined ? made : clipByGlobalNorm(made, clipNorm);
}

const usedBy: Readonly<Partial<Record<keyof OptimizerParams, readonly OptimizerName[]>>> = {
  beta1: ['adam', 'adamw'],
  beta2: ['adam', 'adamw'],
  epsilon: ['adam', 'adamw', 'rmsprop'],
  weightDecay: ['adamw'],
  momentum: ['sgd', 'rmsprop'],
  nesterov: ['sgd'],
  rho: ['rmsprop'],
};

/** The settings of other optimizers than the chosen one, for a stage's `ignores`. */
export function ignoredByOptimizer({
  optimizer,
  momentum,
}: Pick<OptimizerParams, 'optimizer' | 'momentum'>): readonly IgnoredParam[] {
  const others = Object.entries(usedBy).flatMap(([name, users]) =>
    users.includes(optimizer)
      ? []
      : [{ path: [name], because: ['optimizer'], hint: `it counts with optimizer: ${users.join(' or ')}` }],
  );
  if (optimizer !== 'sgd' || momentum > 0) return others;
  const hint = 'it counts with a momentum, such as 0.9';
  return [...others, { path: ['nesterov'], because: ['momentum'], hint }];
}
