import { Failure } from '../../core/failure.ts';
import type { NamedFeatures } from '../score.ts';

/**
 * Checks sets of features before anything is computed of them.
 * @param least Pictures that each set needs
 * @param measure Name for messages, such as `KID`
 * @throws Failure `scores-too-few`, `scores-not-finite`, and `scores-widths` for sets of two embeddings
 */
export function checkFeatures(
  measure: string,
  least: number,
  ...sets: readonly [NamedFeatures, ...NamedFeatures[]]
): void {
  for (const set of sets) checkCount(measure, set.name, set.count, least);
  for (const set of sets) checkFinite(set.name, set.values, set.width);
  const other = sets.find(({ width }) => width !== sets[0].width);
  if (other !== undefined)
    throw new Failure({
      code: 'scores-widths',
      message: `The ${sets[0].name} have ${sets[0].width} features each, the ${other.name} ${other.width}: they come from two embeddings.`,
      hint: 'compute both with one embedding',
    });
}

/** @throws Failure `scores-too-few` */
export function checkCount(measure: string, name: string, count: number, least: number): void {
  if (count >= least) return;
  throw new Failure({
    code: 'scores-too-few',
    message: `${measure} takes at least ${least} ${name}, and there ${count === 1 ? 'is' : 'are'} ${count}.`,
    hint: 'score more pictures',
  });
}

/**
 * Checks values of pictures, `width` of each.
 * @throws Failure `scores-not-finite` with the first picture that has one which is not
 */
function checkFinite(name: string, values: Float32Array, width: number): void {
  const at = values.findIndex(value => !Number.isFinite(value));
  if (at === -1) return;
  throw new Failure({
    code: 'scores-not-finite',
    message: `Picture ${Math.floor(at / width)} of the ${name} (the first is 0) has the feature ${values[at]}, of which nothing can be computed.`,
    details: ['Weights that became NaN or infinite in training cause this.'],
    hint: 'resume the training from an earlier checkpoint, or lower the learning rate',
  });
}
