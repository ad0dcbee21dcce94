import { Type, type Static } from 'typebox';
import type { TrainedModelArtifact } from '../../core/artifacts.ts';

/** The parameter `weights` of stages that draw with a trained generator. */
export const weightsParam = Type.Union([Type.Literal('best'), Type.Literal('end'), Type.Literal('last')], {
  default: 'best',
  description:
    'Which weights of the generator: the `best` ones by the scores of training where `evaluate` chose some, those of its `end` (moving averages with `ema`), or the `last` ones without averages. Each falls back to the end’s.',
});

export type Weights = Static<typeof weightsParam>;

/** The model with the generator that has the weights asked for, and their iteration. */
export function withWeights(model: TrainedModelArtifact, weights: Weights): TrainedModelArtifact {
  const { generator, bestGenerator, bestIteration, lastGenerator, iterations } = model;
  if (weights === 'best')
    return { ...model, generator: bestGenerator ?? generator, iterations: bestIteration ?? iterations };
  return weights === 'last' ? { ...model, generator: lastGenerator ?? generator } : model;
}
