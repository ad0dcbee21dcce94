import { deriveSeed, Random } from '../core/random.ts';
import { Failure } from '../core/failure.ts';
import type { LayerSpec, NetworkSpec } from '../core/artifacts.ts';
import type { AnyLayerKind, WeightSpec } from './layer.ts';
import { layerKinds } from './layers/index.ts';
import {
  formatShape,
  isKnownShape,
  openProduct,
  product,
  ShapeError,
  type Dimensions,
  type OpenDimensions,
  type OpenShape,
  type Shape,
} from './shape.ts';
import { isKnown } from './size.ts';

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

/** A layer that cannot take what comes to it. */
export interface LayerMistake {
  /** Counted from 0. */
  readonly layer: number;
  readonly message: string;
  /** What the layer gets. */
  readonly details: readonly string[];
  readonly hint: string;
}

/** A layer in its place, as far as its shapes are known. */
export interface FollowedLayer extends Omit<BoundLayer, 'input' | 'output'> {
  readonly input: OpenShape;
  readonly output: OpenShape;
}

/** What came of following the shapes through a network. */
export interface FollowedNetwork {
  readonly name: string;
  readonly dimensions: OpenDimensions;
  readonly input: OpenShape;
  /** Undefined where a mistake leaves it open. */
  readonly output: OpenShape | undefined;
  /** Up to the first one whose output cannot even be guessed. */
  readonly layers: readonly FollowedLayer[];
  readonly conditional: boolean;
  readonly mistakes: readonly LayerMistake[];
}

/**
 * Follows the shapes through a network as far as they are known, past mistakes where it is clear what a layer was meant to give.
 * Parameters must have passed the schema; defaults are filled in here.
 */
export function followNetwork(
  name: string,
  spec: NetworkSpec,
  input: OpenShape,
  dimensions: OpenDimensions,
): FollowedNetwork {
  const soFar: SoFar = { counts: new Map<string, number>(), weights: 0 };
  const layers: FollowedLayer[] = [];
  const mistakes: LayerMistake[] = [];
  let shape: OpenShape | undefined = input;
  for (const [index, layer] of spec.layers.entries()) {
    if (shape === undefined) break;
    const { followed, mistake } = followLayer(name, layer, index, shape, dimensions, soFar);
    if (mistake !== undefined) mistakes.push(mistake);
    if (followed !== undefined) layers.push(followed);
    shape = followed?.output;
  }
  const conditional = spec.layers.some(({ use }) => layerKinds.get(use)?.takesLabels === true);
  return { name, dimensions, input, output: shape, layers, conditional, mistakes };
}

/** Follows the shapes through a network. Throws a Failure that names the layers where they do not fit. */
export function bindNetwork(name: string, spec: NetworkSpec, input: Shape, dimensions: Dimensions): Network {
  return boundNetwork(followNetwork(name, spec, input, dimensions), dimensions);
}

/** A network that was followed with known dimensions. */
export function boundNetwork(followed: FollowedNetwork, dimensions: Dimensions): Network {
  if (followed.mistakes.length > 0) throw shapeFailure(followed.mistakes);
  // Of known sizes come known ones.
  const layers = followed.layers as readonly BoundLayer[];
  return {
    name: followed.name,
    dimensions,
    input: followed.input as Shape,
    output: followed.output as Shape,
    layers,
    weights: layers.flatMap(layer => layer.weights),
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

interface SoFar {
  /** Layers by kind. */
  readonly counts: Map<string, number>;
  weights: number;
}

interface FollowedStep {
  /** Undefined where nothing is known of what the layer gives. */
  readonly followed?: FollowedLayer;
  readonly mistake?: LayerMistake;
}

function followLayer(
  network: string,
  spec: LayerSpec,
  index: number,
  input: OpenShape,
  dimensions: OpenDimensions,
  soFar: SoFar,
): FollowedStep {
  const kind = layerKinds.get(spec.use);
  if (kind === undefined) throw new Error(`unknown layer "${spec.use}"`);
  const count = soFar.counts.get(kind.type) ?? 0;
  soFar.counts.set(kind.type, count + 1);
  const name = count === 0 ? kind.type : `${kind.type}_${count}`;
  const params = withDefaults(kind, spec);
  const layer = { name, kind, params, input };
  try {
    const output = kind.outputShape(input, params, dimensions);
    const weights = weightsOf(network, layer, dimensions);
    soFar.weights += weights.reduce((total, weight) => total + product(weight.shape), 0);
    checkSize(output, soFar.weights);
    return { followed: { ...layer, output, weights } };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const { meant, hint = 'Change the layer’s parameters, or the layers before it.' } = error.details;
    const from = index === 0 ? 'the network’s input' : `layer ${index}`;
    const mistake = {
      layer: index,
      message: `${network}, layer ${index + 1} (${name}): ${error.message}`,
      details: [`It gets ${formatShape(input)} from ${from}.`],
      hint,
    };
    return { mistake, ...(meant && { followed: { ...layer, output: meant, weights: [] } }) };
  }
}

/** None where a size that they depend on is not known yet. */
function weightsOf(
  network: string,
  { name, kind, params, input }: Pick<FollowedLayer, 'name' | 'kind' | 'params' | 'input'>,
  dimensions: OpenDimensions,
): readonly NetworkWeight[] {
  if (!isKnownShape(input) || !areKnown(dimensions)) return [];
  const weights = kind.weights?.(input, params, dimensions) ?? [];
  return weights.map(weight => ({ ...weight, key: `${network}/${name}/${weight.name}` }));
}

const areKnown = (dimensions: OpenDimensions): dimensions is Dimensions =>
  isKnownShape(Object.values(dimensions));

function checkSize(output: OpenShape, weights: number): void {
  const count = (value: number) => value.toLocaleString('en-US');
  const numbers = openProduct(output);
  if (isKnown(numbers) && !(numbers <= MAX_OUTPUT))
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
