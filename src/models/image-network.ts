import type { DatasetArtifact, NetworkSpec } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { bindNetwork } from './bind.ts';
import type { Network } from './network.ts';
import { formatShape, isSameShape, type Shape } from './shape.ts';

/**
 * A network that takes the images of a data set. Sizes in it may refer to height, width, channels and classes.
 * @param output The shape that one image must come to, such as `[classes]`; that of the image by default.
 * @throws Failure, exit code 2, that names the layer which does not fit, or the shape that the network ends in
 */
export function bindImageNetwork(
  name: string,
  spec: NetworkSpec,
  { height, width, channels, classes }: DatasetArtifact,
  output: Shape = [height, width, channels],
): Network {
  const dimensions = { height, width, channels, classes: classes.length, latent: 0 };
  const network = bindNetwork(name, spec, [height, width, channels], dimensions);
  if (isSameShape(network.output, output) === true) return network;
  throw new Failure({
    code: 'shape-mismatch',
    exitCode: 2,
    message: `${name}: the network ends in ${formatShape(network.output)}, and ${formatShape(output)} is needed.`,
    hint: 'Change its last layers.',
  });
}
