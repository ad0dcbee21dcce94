/** Networks that predict the classes of examples, or numbers. */
import type { LayerSpec, NetworkSpec } from '../core/artifacts.ts';
import type { ParamProblem } from '../core/stage.ts';
import { bindNetwork, shapeFailure } from './bind.ts';
import { nameMistakes, unusedParts } from './blocks/definitions.ts';
import { BlockExpansion } from './blocks/expand.ts';
import { readBuiltIn } from './built-in.ts';
import { inferNetwork } from './infer.ts';
import { kindOf } from './layer-specs.ts';
import { layerKinds } from './layers/index.ts';
import { flattened, type InferredLayer, type LayerMistake, type Network } from './network.ts';
import type { PredictorSpec } from './schema.ts';
import { formatShape, type SymbolicShape } from './shape.ts';
import { formatSize, type Size } from './size.ts';
import { wrongEnd } from './wrong-end.ts';

/** Built-in networks: YAML files like a user's. */
export const BUILT_IN_PREDICTORS = ['resnet', 'cnn', 'mlp'] as const;

export type BuiltInPredictor = (typeof BUILT_IN_PREDICTORS)[number];

/** Name of the network in its weights' keys and in messages. */
const NAME = 'network';

/** A network with the layers of its blocks in their places. */
export interface ExpandedPredictor {
  readonly network: NetworkSpec;
  /** By their paths in the network as written. */
  readonly mistakes: readonly ParamProblem[];
  readonly warnings: readonly ParamProblem[];
}

/** Puts the blocks of a network in their places. Where there are mistakes, the network is not complete. */
export function expandPredictor({ blocks, ...spec }: PredictorSpec): ExpandedPredictor {
  const expansion = new BlockExpansion(blocks);
  const network = expansion.network(NAME, spec, []);
  return {
    network,
    mistakes: [...nameMistakes(blocks), ...expansion.mistakes],
    warnings: unusedParts(blocks, expansion.used),
  };
}

/**
 * Reads a built-in network.
 * @param codeDir Folder of pipe's code.
 */
export const builtInPredictor = (codeDir: string, name: BuiltInPredictor): ExpandedPredictor =>
  expandPredictor(readBuiltIn<PredictorSpec>(codeDir, name));

/** What a network is to predict from what. */
export interface Prediction<S extends Size = Size> {
  /** Shape of one example. */
  readonly input: readonly S[];
  /** How many classes, or numbers. */
  readonly outputs: S;
  readonly isRegression: boolean;
}

export interface InferredPredictor {
  readonly layers: readonly InferredLayer[];
  /** By their paths in the network with blocks in their places. */
  readonly mistakes: readonly (LayerMistake & { readonly code: string })[];
}

/** Shape inference, for examples and classes that may be unknown. */
export function inferPredictor(network: NetworkSpec, prediction: Prediction): InferredPredictor {
  const inferred = inferNetwork(NAME, network, prediction.input, dimensionsOf(prediction));
  const { outputs, isRegression } = prediction;
  const things = isRegression ? 'numbers to predict' : 'classes';
  const shape = wrongEnd(inferred, [outputs], {
    need: `${formatShape([outputs])} is needed, for ${formatSize(outputs)} ${things}`,
    hint: found =>
      isOneForTwo(found, prediction) ? TWO_OUTPUTS : 'End it with { use: dense, units: classes }.',
  });
  const all = flattened(inferred.layers);
  const code = 'shape-mismatch';
  return {
    layers: inferred.layers,
    mistakes: [
      ...[...inferred.mistakes, ...shape].map(mistake => ({ ...mistake, code })),
      ...all.filter(({ kind, params }) => kind.takesLabels?.(params) === true).map(toldClass),
      ...all.filter(({ heads }) => Object.keys(heads).length > 0).map(otherOutput),
    ],
  };
}

const TWO_OUTPUTS =
  'Two classes have an output each, in place of one with a sigmoid: end it with { use: dense, units: classes }.';

const isOneForTwo = (found: SymbolicShape, { outputs, isRegression }: Prediction): boolean =>
  !isRegression && outputs === 2 && found.length === 1 && found[0] === 1;

/** Names in the sizes of the network: height and width are those of pictures, channels the last axis of any example. */
function dimensionsOf<S extends Size>({ input, outputs }: Prediction<S>) {
  const [height, width] = input.length === 3 ? (input as readonly [S, S, S]) : ([1, 1] as const);
  return { height, width, channels: input[input.length - 1] as S, classes: outputs, latent: 0 };
}

const toldClass = ({ place }: InferredLayer) => ({
  path: place.path,
  code: 'told-class',
  message: `${place.label}: takes the label, which the network is to predict`,
  details: [],
  hint: 'Leave it out.',
});

const otherOutput = ({ place }: InferredLayer) => ({
  path: place.path,
  code: 'several-outputs',
  message: `${place.label}: is an output beside the prediction`,
  details: [],
  hint: 'Leave it out: the network ends in { use: dense, units: classes }.',
});

/**
 * A network with known shapes, from `[B, …input]`, that ends in probabilities `[B, classes]`, or for regression in numbers.
 * @throws Failure that names the layers that do not fit
 */
export function bindPredictor(network: NetworkSpec, prediction: Prediction<number>): Network {
  const { mistakes } = inferPredictor(network, prediction);
  if (mistakes.length > 0) throw shapeFailure(mistakes, mistakes[0]?.code);
  const spec = prediction.isRegression ? network : withProbabilities(network);
  return bindNetwork(NAME, spec, prediction.input, dimensionsOf(prediction));
}

/** A network that ends in a softmax: its own, or one more layer. */
function withProbabilities({ layers }: NetworkSpec): NetworkSpec {
  if (endsInSoftmax(layers)) return { layers };
  return { layers: [...layers, { use: 'activation', activation: 'softmax' }] };
}

function endsInSoftmax(layers: readonly LayerSpec[]): boolean {
  const last = layers[layers.length - 1];
  if (last === undefined) return false;
  const kind = kindOf(last, layerKinds);
  if (kind.group !== undefined) return endsInSoftmax(kind.branches?.(last)['layers'] ?? []);
  return last['activation'] === 'softmax';
}
