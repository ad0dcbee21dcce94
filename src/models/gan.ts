import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ModelArtifact } from '../core/artifacts.ts';
import { boundNetwork, shapeFailure } from './bind.ts';
import { followNetwork } from './follow.ts';
import type { FollowedNetwork, LayerMistake, Network } from './network.ts';
import type { GanSpec } from './schema.ts';
import { formatShape, isSameShape, type OpenShape } from './shape.ts';
import { isSame, times, type Size } from './size.ts';

/** The networks that come with pipe: YAML files like anybody's. */
export type BuiltInGan = 'dcgan' | 'cgan';

/** Reads a built-in model. @param codeDir The folder of pipe's code. */
export function builtInGan(codeDir: string, name: BuiltInGan): GanSpec {
  return parse(readFileSync(builtInGanFile(codeDir, name), 'utf8')) as GanSpec;
}

/** The file of a built-in model. */
export function builtInGanFile(codeDir: string, name: BuiltInGan): string {
  return join(codeDir, 'models', `${name}.yaml`);
}

/** Both networks, with shapes that fit each other and the data. */
export interface Gan {
  readonly generator: Network;
  readonly discriminator: Network;
}

type GanParts = Pick<ModelArtifact, 'latentDim' | 'imageShape' | 'classes' | 'generator' | 'discriminator'>;

/** The parts of a model whose data may not be known yet. */
export interface OpenGanParts extends Pick<ModelArtifact, 'latentDim' | 'generator' | 'discriminator'> {
  /** Height, width, channels. */
  readonly imageShape: readonly [Size, Size, Size];
  /** How many there are. */
  readonly classes: Size;
}

/** Something wrong with a network, and where: with one of its layers, or, at the empty path, with the network as a whole. */
export interface GanMistake extends LayerMistake {
  readonly network: 'generator' | 'discriminator';
}

/** Both networks as far as their shapes can be followed, and every mistake in them. */
export interface FollowedGan {
  readonly generator: FollowedNetwork;
  readonly discriminator: FollowedNetwork;
  readonly mistakes: readonly GanMistake[];
}

/** Follows the shapes through both networks. Throws a Failure that names the networks and the layers that do not fit. */
export function bindGan(model: GanParts): Gan {
  const [height, width, channels] = model.imageShape;
  const dimensions = { height, width, channels, classes: model.classes.length, latent: model.latentDim };
  const { generator, discriminator, mistakes } = followGan({ ...model, classes: model.classes.length });
  if (mistakes.length > 0)
    throw shapeFailure(mistakes, mistakes[0]?.path.length === 0 ? 'half-conditional' : 'shape-mismatch');
  return {
    generator: boundNetwork(generator, dimensions),
    discriminator: boundNetwork(discriminator, dimensions),
  };
}

/** Follows the shapes through both networks, whether or not the size of the images and the classes are known. */
export function followGan(model: OpenGanParts): FollowedGan {
  const { imageShape, classes, latentDim: latent } = model;
  const [height, width, channels] = imageShape;
  const dimensions = { height, width, channels, classes, latent };
  const generator = followNetwork('generator', model.generator, [latent], dimensions);
  const discriminator = followNetwork('discriminator', model.discriminator, imageShape, dimensions);
  const mistakes: readonly GanMistake[] = [
    ...generator.mistakes.map(mistake => ({ ...mistake, network: 'generator' as const })),
    ...wrongEnd('generator', generator, imageShape),
    ...discriminator.mistakes.map(mistake => ({ ...mistake, network: 'discriminator' as const })),
    ...wrongEnd('discriminator', discriminator, [1]),
    ...halfConditional(generator, discriminator),
  ];
  return { generator, discriminator, mistakes };
}

/** Named at the layer from which the wrong shape comes. */
function wrongEnd(
  network: 'generator' | 'discriminator',
  { layers, output }: FollowedNetwork,
  wanted: OpenShape,
): readonly GanMistake[] {
  if (output === undefined || isSameShape(output, wanted) !== false) return [];
  const shaping = layers.findLastIndex(layer => isSameShape(layer.input, layer.output) !== true);
  const layer = Math.max(0, shaping);
  const need =
    network === 'generator'
      ? `the images of the data are ${formatShape(wanted)}`
      : 'one number per image, [B, 1], is needed';
  return [
    {
      network,
      path: ['layers', layer],
      message: `${network}, layer ${layer + 1} (${layers[layer]?.name ?? 'none'}): the network ends in ${formatShape(output)}, and ${need}`,
      details: [],
      hint: network === 'generator' ? towards(output, wanted) : 'End it with { use: dense, units: 1 }.',
    },
  ];
}

/** What brings images of a wrong size to the right one. */
function towards(output: OpenShape, wanted: OpenShape): string {
  const [by, other] = [0, 1].map(axis => ratio(wanted[axis], output[axis]));
  if (output.length === 3 && by !== undefined && by === other && by > 1)
    return `Enlarge by ${by} before it: { use: upSampling2d, size: ${by} }.`;
  const channels = output.length === 3 && isSame(output[2] as Size, wanted[2] as Size) === false;
  return channels
    ? 'Give its last convolution { filters: channels }.'
    : 'Change the last layers of the generator.';
}

/** By how many times one size is larger than another, where that is a whole number whatever the data. */
function ratio(wanted: Size | undefined, size: Size | undefined): number | undefined {
  if (wanted === undefined || size === undefined) return undefined;
  return [1, 2, 3, 4, 8, 16, 32].find(factor => isSame(times(size, factor), wanted) === true);
}

function halfConditional(generator: FollowedNetwork, discriminator: FollowedNetwork): readonly GanMistake[] {
  if (generator.conditional === discriminator.conditional) return [];
  const [takes, lacks] = generator.conditional
    ? (['generator', 'discriminator'] as const)
    : (['discriminator', 'generator'] as const);
  return [
    {
      network: lacks,
      path: [],
      message: `The ${takes} takes the label and the ${lacks} does not`,
      details: [],
      hint: 'Put a concatenate-label layer into both networks, or into neither.',
    },
  ];
}
