import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ModelArtifact } from '../core/artifacts.ts';
import { boundNetwork, shapeFailure } from './bind.ts';
import { labelMistakes } from './gan-labels.ts';
import { inferNetwork } from './infer.ts';
import { layerTitle, type InferredNetwork, type LayerMistake, type Network } from './network.ts';
import { expandGan, type ExpandedGan } from './blocks/expand-gan.ts';
import type { GanSpec } from './schema.ts';
import { formatShape, isSameShape, type SymbolicShape } from './shape.ts';
import { isSame, wholeRatio, type Size } from './size.ts';

/** Built-in models: YAML files like a user's. */
export const BUILT_IN_GANS = ['dcgan', 'cgan', 'acgan', 'sngan', 'cgan-projection', 'resnet-gan'] as const;

export type BuiltInGan = (typeof BUILT_IN_GANS)[number];

/**
 * Reads a built-in model.
 * @param codeDir Folder of pipe's code.
 */
export function builtInGan(codeDir: string, name: BuiltInGan): ExpandedGan {
  return expandGan(parse(readFileSync(builtInGanFile(codeDir, name), 'utf8')) as GanSpec);
}

/** Path of a built-in model's file. */
export function builtInGanFile(codeDir: string, name: BuiltInGan): string {
  return join(codeDir, 'models', `${name}.yaml`);
}

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
  const mistakes = [...inferred.mistakes, ...wrongEnd(network, inferred, output)];
  return mistakes.map(mistake => ({ ...mistake, network, code: 'shape-mismatch' }));
}

/** Mistake of a network that ends in a wrong shape, at the layer that made the shape. */
function wrongEnd(
  network: 'generator' | 'discriminator',
  { layers, output }: InferredNetwork,
  wanted: SymbolicShape,
): readonly LayerMistake[] {
  if (output === undefined || isSameShape(output, wanted) !== false) return [];
  const shaping = layers.findLastIndex(layer => isSameShape(layer.input, layer.output) !== true);
  const layer = Math.max(0, shaping);
  const shaped = layers[layer];
  const need =
    network === 'generator'
      ? `the images of the data are ${formatShape(wanted)}`
      : 'one number per image, [B, 1], is needed';
  return [
    {
      path: ['layers', layer],
      message: `${network}, layer ${layer + 1} (${shaped === undefined ? 'none' : layerTitle(shaped)}): the network ends in ${formatShape(output)}, and ${need}`,
      details: [],
      hint: network === 'generator' ? towards(output, wanted) : 'End it with { use: dense, units: 1 }.',
    },
  ];
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
