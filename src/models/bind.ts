import type { NetworkSpec } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { inferNetwork } from './infer.ts';
import type { LayerKinds } from './layer-specs.ts';
import {
  flattened,
  type BoundLayer,
  type InferredNetwork,
  type LayerMistake,
  type Network,
} from './network.ts';
import type { Dimensions, Shape } from './shape.ts';

/** A network with known shapes. Throws a Failure that names the layers whose shapes do not fit. */
export function bindNetwork(
  name: string,
  spec: NetworkSpec,
  input: Shape,
  dimensions: Dimensions,
  kinds?: LayerKinds,
): Network {
  return boundNetwork(inferNetwork(name, spec, input, dimensions, kinds), dimensions);
}

/** The network of a shape inference with known dimensions. Throws a Failure where it found mistakes. */
export function boundNetwork(inferred: InferredNetwork, dimensions: Dimensions): Network {
  if (inferred.mistakes.length > 0) throw shapeFailure(inferred.mistakes);
  // Layers give known sizes for known ones.
  const layers = inferred.layers as readonly BoundLayer[];
  const all = flattened(layers);
  return {
    name: inferred.name,
    dimensions,
    input: inferred.input as Shape,
    output: inferred.output as Shape,
    heads: Object.assign({}, ...all.map(({ heads }) => heads)) as Network['heads'],
    layers,
    weights: all.flatMap(layer => layer.weights),
    conditional: inferred.conditional,
  };
}

/** Failure of a run with these mistakes: the first one, the others as details. */
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
