import type { DatasetArtifact, NetworkSpec } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { ParamProblem } from '../core/stage.ts';
import { bindNetwork } from './bind.ts';
import { nameMistakes } from './blocks/definitions.ts';
import { BlockExpansion } from './blocks/expand.ts';
import type { Blocks, WrittenNetwork } from './blocks/written.ts';
import type { Network } from './network.ts';
import { formatShape, isSameShape, type Shape } from './shape.ts';

/**
 * A network that takes the images of a data set. Sizes in it may refer to height, width, channels and classes.
 * @param written As `networkParam` takes it, with blocks or without.
 * @param output The shape that one image must come to, such as `[classes]`; that of the image by default.
 * @throws Failure, exit code 2, that names the layer which does not fit, or the shape that the network ends in
 */
export function bindImageNetwork(
  name: string,
  written: WrittenNetwork & { readonly blocks?: Blocks },
  { height, width, channels, classes }: DatasetArtifact,
  output: Shape = [height, width, channels],
): Network {
  const dimensions = { height, width, channels, classes: classes.length, latent: 0 };
  const network = bindNetwork(name, expanded(name, written), [height, width, channels], dimensions);
  if (isSameShape(network.output, output) === true) return network;
  throw new Failure({
    code: 'shape-mismatch',
    exitCode: 2,
    message: `${name}: the network ends in ${formatShape(network.output)}, and ${formatShape(output)} is needed.`,
    hint: 'Change its last layers.',
  });
}

function expanded(name: string, written: WrittenNetwork & { readonly blocks?: Blocks }): NetworkSpec {
  const expansion = new BlockExpansion(written.blocks);
  const network = expansion.network(name, written, []);
  const [first, ...others] = [...nameMistakes(written.blocks), ...expansion.mistakes];
  if (first === undefined) return network;
  const { code, hint } = first;
  throw new Failure({
    code,
    exitCode: 2,
    message: sentence(first),
    details: others.map(sentence),
    ...(hint !== undefined && { hint }),
  });
}

function sentence({ message, found, expected }: ParamProblem): string {
  const value = found === undefined ? '' : `: ${found}`;
  return `${message}${value}${expected === undefined ? '' : `; expected ${expected}`}.`;
}
