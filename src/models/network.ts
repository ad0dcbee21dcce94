import { deriveSeed, Random } from '../core/random.ts';
import { Failure } from '../core/failure.ts';
import type { LayerSpec, NetworkSpec } from '../core/artifacts.ts';
import type { AnyLayerKind, WeightSpec } from './layer.ts';
import { layerKinds } from './layers/index.ts';
import { formatShape, product, ShapeError, type Dimensions, type Shape } from './shape.ts';

/** Numbers in what a layer gives for one picture, and weights of a network: more fit into no memory. */
const MAX_OUTPUT = 100_000_000;
const MAX_WEIGHTS = 1_000_000_000;

/** A weight of a network with its full name, such as `generator/conv2d_1/kernel`. */
export interface NetworkWeight extends WeightSpec {
  readonly key: string;
}

/** A layer in its place: shapes known, parameters complete. */
export interface BoundLayer {
  /** Keras's way of numbering: `conv2d`, `conv2d_1`, … */
  readonly name: string;
  readonly kind: AnyLayerKind;
  readonly params: Readonly<Record<string, unknown>>;
  readonly input: Shape;
  readonly output: Shape;
  readonly weights: readonly NetworkWeight[];
}

/** A network whose shapes fit. */
export interface Network {
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly input: Shape;
  readonly output: Shape;
  readonly layers: readonly BoundLayer[];
  /** In layer order. */
  readonly weights: readonly NetworkWeight[];
  readonly conditional: boolean;
}

/**
 * Follows the shapes through a network. Throws a Failure that names the layer where they do not fit.
 * Parameters must have passed the schema; defaults are filled in here.
 */
export function bindNetwork(name: string, spec: NetworkSpec, input: Shape, dimensions: Dimensions): Network {
  const soFar: SoFar = { counts: new Map<string, number>(), weights: 0 };
  let shape = input;
  const layers = spec.layers.map((layer, index) => {
    const bound = bindLayer(name, layer, index, shape, dimensions, soFar);
    shape = bound.output;
    return bound;
  });
  return {
    name,
    dimensions,
    input,
    output: shape,
    layers,
    weights: layers.flatMap(layer => layer.weights),
    conditional: layers.some(layer => layer.kind.takesLabels === true),
  };
}

interface SoFar {
  /** Layers by kind. */
  readonly counts: Map<string, number>;
  weights: number;
}

function bindLayer(
  network: string,
  spec: LayerSpec,
  index: number,
  input: Shape,
  dimensions: Dimensions,
  soFar: SoFar,
): BoundLayer {
  const kind = layerKinds.get(spec.use);
  if (kind === undefined) throw new Error(`unknown layer "${spec.use}"`);
  const count = soFar.counts.get(kind.type) ?? 0;
  soFar.counts.set(kind.type, count + 1);
  const name = count === 0 ? kind.type : `${kind.type}_${count}`;
  const params = withDefaults(kind, spec);
  try {
    const output = kind.outputShape(input, params, dimensions);
    const weights = (kind.weights?.(input, params, dimensions) ?? []).map(weight => ({
      ...weight,
      key: `${network}/${name}/${weight.name}`,
    }));
    soFar.weights += weights.reduce((total, weight) => total + product(weight.shape), 0);
    checkSize(output, soFar.weights);
    return { name, kind, params, input, output, weights };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new Failure({
      code: 'shape-mismatch',
      exitCode: 2,
      message: `${network}, layer ${index + 1} (${name}): ${error.message}.`,
      details: [
        `It gets ${formatShape(input)} from ${index === 0 ? 'the network’s input' : `layer ${index}`}.`,
      ],
      hint: 'Change the layer’s parameters, or the layers before it.',
    });
  }
}

function checkSize(output: Shape, weights: number): void {
  const count = (value: number) => value.toLocaleString('en-US');
  const numbers = product(output);
  if (!(numbers <= MAX_OUTPUT))
    throw new ShapeError(
      `gives ${formatShape(output)}: ${count(numbers)} numbers for each picture, at most ${count(MAX_OUTPUT)} are possible`,
    );
  if (!(weights <= MAX_WEIGHTS))
    throw new ShapeError(
      `makes it ${count(weights)} weights, at most ${count(MAX_WEIGHTS)} are possible for a network`,
    );
}

function withDefaults(kind: AnyLayerKind, { use: _use, ...given }: LayerSpec): Record<string, unknown> {
  const { properties } = kind.params as { properties: Record<string, { default?: unknown }> };
  const defaults = Object.entries(properties).flatMap(([key, schema]) =>
    schema.default === undefined ? [] : [[key, schema.default] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

/**
 * Initial weights as Keras makes them: zeros, ones, or Glorot uniform (Glorot & Bengio 2010, eq. 16). Each weight has a random
 * stream of its own, so that a change in one layer leaves the others' values as they were.
 */
export function initialWeights(network: Network, seed: number): Record<string, Float32Array> {
  return Object.fromEntries(network.weights.map(weight => [weight.key, initialize(weight, seed)]));
}

function initialize(weight: NetworkWeight, seed: number): Float32Array {
  const values = new Float32Array(product(weight.shape));
  if (weight.init === 'zeros') return values;
  if (weight.init === 'ones') return values.fill(1);
  const limit = Math.sqrt(6 / (weight.init.fanIn + weight.init.fanOut));
  const random = new Random(deriveSeed(seed, weight.key));
  return values.map(() => random.uniform(-limit, limit));
}
