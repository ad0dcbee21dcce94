import type { NetworkSpec } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { followNetwork, type LayerKinds } from './follow.ts';
import {
  flattened,
  type BoundLayer,
  type FollowedNetwork,
  type LayerMistake,
  type Network,
} from './network.ts';
import type { Dimensions, Shape } from './shape.ts';

/** Follows the shapes through a network. Throws a Failure that names the layers where they do not fit. */
export function bindNetwork(
  name: string,
  spec: NetworkSpec,
  input: Shape,
  dimensions: Dimensions,
  kinds?: LayerKinds,
): Network {
  return boundNetwork(followNetwork(name, spec, input, dimensions, kinds), dimensions);
}

/** A network that was followed with known dimensions. */
export function boundNetwork(followed: FollowedNetwork, dimensions: Dimensions): Network {
  if (followed.mistakes.length > 0) throw shapeFailure(followed.mistakes);
  // Known sizes give known ones.
  const layers = followed.layers as readonly BoundLayer[];
  const all = flattened(layers);
  return {
    name: followed.name,
    dimensions,
    input: followed.input as Shape,
    output: followed.output as Shape,
    heads: Object.assign({}, ...all.map(({ heads }) => heads)) as Network['heads'],
    layers,
    weights: all.flatMap(layer => layer.weights),
    conditional: followed.conditional,
  };
}

/** The failure of a run that meets these mistakes: the first one, and the others below it. */
export function shapeFailure(
  mistakes: readonly Pick<LayerMistake, 'message' | 'details' | 'hint'>[],
  code = 'shape-mismatch',
): Failure {
  const [{ message, details, hint }, ...others] = mistakes as [LayerMistake, ...LayerMistake[]];
  return new Failure({
    code,
    exitCode: 2,
    message: `${message}.`,
    details: [...details, ...others.map(other => `${other.message}.`)],
    hint,
  });
}
