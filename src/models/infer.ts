import type { LayerSpec, NetworkSpec } from '../core/artifacts.ts';
import type { AnyLayerKind, Named } from './layer.ts';
import { layerKinds } from './layers/index.ts';
import {
  branchLabel,
  branchPath,
  kindOf,
  takesLabels,
  withDefaults,
  type LayerKinds,
  type Params,
} from './layer-specs.ts';
import { checkHeads, checkSize } from './limits.ts';
import {
  layerTitle,
  type InferredLayer,
  type InferredNetwork,
  type LayerMistake,
  type NetworkWeight,
} from './network.ts';
import {
  formatShape,
  isKnownShape,
  product,
  ShapeError,
  type Dimensions,
  type SymbolicDimensions,
  type SymbolicShape,
} from './shape.ts';

/**
 * Shape inference through a network, as far as sizes are known, and past a mistake where the layer's intended output is clear.
 * Parameters have passed the schema; defaults are filled in here.
 * @param input Shape of one example.
 * @param kinds The layers that `spec` may use.
 */
export function inferNetwork(
  name: string,
  spec: NetworkSpec,
  input: SymbolicShape,
  dimensions: SymbolicDimensions,
  kinds: LayerKinds = layerKinds,
): InferredNetwork {
  const inference = new ShapeInference(name, dimensions, kinds);
  const root = { path: ['layers'], names: '', label: name, source: 'the network’s input' };
  const { layers, output } = inference.list(spec.layers, input, root);
  const conditional = takesLabels(spec.layers, kinds);
  return { name, dimensions, input, output, layers, conditional, mistakes: inference.mistakes };
}

/** The place of a list of layers: the network's own, or a branch. */
interface Place {
  readonly path: LayerMistake['path'];
  /** Before the names of its layers: empty, or `residual/shortcut/`. */
  readonly names: string;
  /** For messages: `generator`, or `generator, layer 4 (residual), shortcut`. */
  readonly label: string;
  /** Where the input of its first layer comes from. */
  readonly source: string;
}

interface InferredList {
  readonly layers: readonly InferredLayer[];
  /** Undefined where a mistake leaves it unknown. */
  readonly output: SymbolicShape | undefined;
}

type PlacedLayer = Omit<InferredLayer, 'output' | 'heads' | 'weights'>;

/** Shape inference of one network: walks over its layers and collects mistakes. */
class ShapeInference {
  readonly mistakes: LayerMistake[] = [];
  readonly #network: string;
  readonly #dimensions: SymbolicDimensions;
  readonly #kinds: LayerKinds;
  readonly #heads = new Set<string>();
  #positions = 0;
  #weights = 0;

  constructor(network: string, dimensions: SymbolicDimensions, kinds: LayerKinds) {
    this.#network = network;
    this.#dimensions = dimensions;
    this.#kinds = kinds;
  }

  list(specs: readonly LayerSpec[], input: SymbolicShape, place: Place): InferredList {
    const counts = new Map<string, number>();
    const layers: InferredLayer[] = [];
    let shape: SymbolicShape | undefined = input;
    for (const [index, spec] of specs.entries()) {
      if (shape === undefined) break;
      const layer = this.#layer(spec, index, counts, shape, place);
      if (layer !== undefined) layers.push(layer);
      shape = layer?.output;
    }
    return { layers, output: shape };
  }

  /**
   * Undefined where nothing is known of the layer's output.
   * @param counts Layers before it in the list, by kind or name.
   */
  #layer(
    spec: LayerSpec,
    index: number,
    counts: Map<string, number>,
    input: SymbolicShape,
    place: Place,
  ): InferredLayer | undefined {
    const kind = kindOf(spec, this.#kinds);
    const position = this.#positions++;
    const params = withDefaults(kind, spec);
    const shortName = numbered(kind.group?.(params) ?? kind.type, counts);
    const name = `${place.names}${shortName}`;
    const here = {
      path: [...place.path, index],
      names: `${name}/`,
      label: `${place.label}, layer ${index + 1} (${layerTitle({ name, kind, params })})`,
      source: index === 0 ? place.source : `layer ${index}`,
    };
    const { branches, ends } = this.#branches(kind, params, input, here);
    if (ends === undefined) return undefined;
    const layer = { name, position, kind, params, input, branches, place: here };
    try {
      return { ...layer, ...this.#shapes(layer, ends) };
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const { meant, hint = 'Change the layer’s parameters, or the layers before it.' } = error.details;
      this.mistakes.push({
        path: here.path,
        message: `${here.label}: ${error.message}`,
        details: [`It gets ${formatShape(input)} from ${here.source}.`],
        hint,
      });
      return meant && { ...layer, output: meant, heads: {}, weights: [] };
    }
  }

  /** Branches of a layer with their output shapes; `ends` is undefined where a mistake leaves one unknown. */
  #branches(kind: AnyLayerKind, params: Params, input: SymbolicShape, layer: Place) {
    const branches: Record<string, readonly InferredLayer[]> = {};
    const ends: Record<string, SymbolicShape> = {};
    const specs = Object.entries(kind.branches?.(params) ?? {});
    for (const [branch, inside] of specs) {
      const { layers, output } = this.list(inside, input, {
        path: [...layer.path, ...branchPath(branch)],
        // What a group holds is its own.
        names: kind.group === undefined ? `${layer.names}${branch}/` : layer.names,
        label: layer.label + branchLabel(branch),
        source: layer.source,
      });
      branches[branch] = layers;
      if (output !== undefined) ends[branch] = output;
    }
    return { branches, ends: Object.keys(ends).length === specs.length ? ends : undefined };
  }

  #shapes(
    layer: PlacedLayer,
    branches: Named<SymbolicShape>,
  ): Pick<InferredLayer, 'output' | 'heads' | 'weights'> {
    const { kind, params, input } = layer;
    const output = kind.outputShape(input, params, this.#dimensions, branches);
    const heads = kind.heads?.(input, params, this.#dimensions) ?? {};
    const weights = this.#weightsOf(layer);
    this.#weights += weights.reduce((total, { shape }) => total + product(shape), 0);
    checkSize(output, this.#weights);
    checkHeads(Object.keys(heads), this.#heads);
    return { output, heads, weights };
  }

  /** Weights of the layer itself; none where a size that they depend on is unknown. */
  #weightsOf({ name, kind, params, input }: PlacedLayer): readonly NetworkWeight[] {
    if (!isKnownShape(input) || !areKnown(this.#dimensions)) return [];
    const weights = kind.weights?.(input, params, this.#dimensions) ?? [];
    return weights.map(weight => ({ ...weight, key: `${this.#network}/${name}/${weight.name}` }));
  }
}

/** Name of the next layer of a kind in a list: `conv2d`, `conv2d_1`, …. */
function numbered(name: string, counts: Map<string, number>): string {
  const count = counts.get(name) ?? 0;
  counts.set(name, count + 1);
  return count === 0 ? name : `${name}_${count}`;
}

const areKnown = (dimensions: SymbolicDimensions): dimensions is Dimensions =>
  isKnownShape(Object.values(dimensions));
