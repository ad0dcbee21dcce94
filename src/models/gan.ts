import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ModelArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { bindNetwork, type Network } from './network.ts';
import type { GanSpec } from './schema.ts';
import { formatShape } from './shape.ts';

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

/** Follows the shapes through both networks. Throws a Failure that names the network and the layer that does not fit. */
export function bindGan(model: GanParts): Gan {
  const [height, width, channels] = model.imageShape;
  const dimensions = { height, width, channels, classes: model.classes.length, latent: model.latentDim };
  const generator = bindNetwork('generator', model.generator, [model.latentDim], dimensions);
  const discriminator = bindNetwork('discriminator', model.discriminator, model.imageShape, dimensions);
  if (generator.output.join() !== model.imageShape.join())
    throw mismatch('generator', generator, `the images of the data are ${formatShape(model.imageShape)}`);
  if (discriminator.output.join() !== '1')
    throw mismatch('discriminator', discriminator, 'one number per image, [B, 1], is needed');
  if (generator.conditional !== discriminator.conditional)
    throw new Failure({
      code: 'half-conditional',
      exitCode: 2,
      message: `The ${generator.conditional ? 'generator' : 'discriminator'} takes the label and the ${generator.conditional ? 'discriminator' : 'generator'} does not.`,
      hint: 'Put a concatenate-label layer into both networks, or into neither.',
    });
  return { generator, discriminator };
}

function mismatch(name: string, network: Network, expected: string): Failure {
  const last = network.layers[network.layers.length - 1];
  return new Failure({
    code: 'shape-mismatch',
    exitCode: 2,
    message: `${name}, layer ${network.layers.length} (${last?.name ?? 'none'}): the network ends in ${formatShape(network.output)}, and ${expected}.`,
    hint: `Change the last layers of the ${name}.`,
  });
}
