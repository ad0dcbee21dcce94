import type { ModelArtifact } from '../core/artifacts.ts';
import { boundNetwork, shapeFailure } from './bind.ts';
import { readBuiltIn } from './built-in.ts';
import { labelMistakes } from './gan-labels.ts';
import { inferNetwork } from './infer.ts';
import type { InferredNetwork, LayerMistake, Network } from './network.ts';
import { expandGan, type ExpandedGan } from './blocks/expand-gan.ts';
import type { GanSpec } from './schema.ts';
import { formatShape, type SymbolicShape } from './shape.ts';
import { isSame, wholeRatio, type Size } from './size.ts';
import { wrongEnd } from './wrong-end.ts';

/** Built-in models: YAML files like a user's. */
export const BUILT_IN_GANS = ['dcgan', 'cgan', 'acgan', 'sngan', 'cgan-projection', 'resnet-gan'] as const;

export type BuiltInGan = (typeof BUILT_IN_GANS)[number];

/**
 * Reads a built-in model.
 * @param codeDir Folder of pipe's code.
 */
export const builtInGan = (codeDir: string, name: BuiltInGan): ExpandedGan =>
  expandGan(readBuiltIn<GanSpec>(codeDir, name));

/** Both networks, with shapes that fit each other and the data. */
export interface Gan {
  readonly generator: Network;
  readonly discriminator: Network;
}

type GanParts = Pick<ModelArtifact, 'latentDim' | 'imageShape' | 'classes' | 'generator' | 'discriminator'>;

/** Parts of a model whose data may not be read yet. */
export interface SymbolicGanParts extends Pick<ModelArtifact, 'latentDim' | 'generator' | 'discriminator'> {
  /** Height, width, channels. */
  readonly imageShape: readonly [Size, Size, Size];
  /** Number of classes. */
  readonly classes: Size;
}

/** A mistake of one of the networks: at a layer, or, with an empty path, of the network as a whole. */
export interface GanMistake extends LayerMistake {
  readonly network: 'generator' | 'discriminator';
  /** Such as `shape-mismatch`. */
  readonly code: string;
}

/** Both networks as far as their shapes are known, and every mistake in them. */
export interface InferredGan {
  readonly generator: InferredNetwork;
  readonly discriminator: InferredNetwork;
  readonly mistakes: readonly GanMistake[];
}

/** Both networks with known shapes. Throws a Failure that names the networks and the layers whose shapes do not fit. */
export function bindGan(model: GanParts): Gan {
  const [height, width, channels] = model.imageShape;
  const dimensions = { height, width, channels, classes: model.classes.length, latent: model.latentDim };
  const { generator, discriminator, mistakes } = inferGan({ ...model, classes: model.classes.length });
  if (mistakes.length > 0) throw shapeFailure(mistakes, mistakes[0]?.code);
  return {
    generator: boundNetwork(generator, dimensions),
    discriminator: boundNetwork(discriminator, dimensions),
  };
}

/** Shape inference through both networks, for images and classes that may be unknown. */
export function inferGan(model: SymbolicGanParts): InferredGan {
  const { imageShape, classes, latentDim: latent } = model;
  const [height, width, channels] = imageShape;
  const dimensions = { height, width, channels, classes, latent };
  const generator = inferNetwork('generator', model.generator, [latent], dimensions);
  const discriminator = inferNetwork('discriminator', model.discriminator, imageShape, dimensions);
  const mistakes: readonly GanMistake[] = [
    ...shapeMistakes('generator', generator, imageShape),
    ...shapeMistakes('discriminator', discriminator, [1]),
    ...labelMistakes(generator, discriminator, classes),
  ];
  return { generator, discriminator, mistakes };
}

function shapeMistakes(
  network: GanMistake['network'],
  inferred: InferredNetwork,
  output: SymbolicShape,
): readonly GanMistake[] {
  const need =
    network === 'generator'
      ? `the images of the data are ${formatShape(output)}`
      : 'one number per image, [B, 1], is needed';
  const hint = (found: SymbolicShape) =>
    network === 'generator' ? towards(found, output) : 'End it with { use: dense, units: 1 }.';
  const mistakes = [...inferred.mistakes, ...wrongEnd(inferred, output, { need, hint })];
  return mistakes.map(mistake => ({ ...mistake, network, code: 'shape-mismatch' }));
}

/** Hint that turns images of a wrong size into the right ones. */
function towards(output: SymbolicShape, wanted: SymbolicShape): string {
  if (output.length !== 3) return 'Change the last layers of the generator.';
  const [by, other] = [0, 1].map(axis => wholeRatio(wanted[axis] as Size, output[axis] as Size));
  if (by !== undefined && by === other && by > 1)
    return `Enlarge by ${by} before it: { use: upSampling2d, size: ${by} }.`;
  const channels = isSame(output[2] as Size, wanted[2] as Size) === false;
  return channels
    ? 'Give its last convolution { filters: channels }.'
    : 'Change the last layers of the generator.';
}
