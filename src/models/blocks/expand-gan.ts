import type { NetworkSpec } from '../../core/artifacts.ts';
import type { ParamProblem } from '../../core/stage.ts';
import type { GanSpec } from '../schema.ts';
import { nameMistakes, unusedParts } from './definitions.ts';
import { BlockExpansion } from './expand.ts';

/** A GAN with the layers of its blocks in their places. */
export interface ExpandedGan extends Pick<GanSpec, 'latent'> {
  readonly generator: NetworkSpec;
  readonly discriminator: NetworkSpec;
  /** By their paths in the GAN as written. */
  readonly mistakes: readonly ParamProblem[];
  readonly warnings: readonly ParamProblem[];
}

/** Puts the blocks of a GAN in their places. Where there are mistakes, its networks are not complete. */
export function expandGan(spec: GanSpec): ExpandedGan {
  const expansion = new BlockExpansion(spec.blocks);
  const network = (which: 'generator' | 'discriminator') => expansion.network(which, spec[which], [which]);
  const [generator, discriminator] = [network('generator'), network('discriminator')];
  return {
    latent: spec.latent,
    generator,
    discriminator,
    mistakes: [...nameMistakes(spec.blocks), ...expansion.mistakes],
    warnings: unusedParts(spec.blocks, expansion.used),
  };
}
