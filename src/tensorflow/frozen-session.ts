import { Failure } from '../core/failure.ts';
import type { FrozenGraph, GraphNode, StepInput } from '../core/tensorflow.ts';
import { nativeDtype, type NativeBinding } from './binding.ts';
import { graphNodes, wrapGraph } from './graph-file.ts';
import { loadGraph, take, upload } from './native-values.ts';

/** A native session of a graph that another program saved. */
export class FrozenSession implements FrozenGraph {
  readonly nodes: readonly GraphNode[];
  readonly #binding: NativeBinding;
  readonly #id: number;

  constructor(binding: NativeBinding, graphDef: Uint8Array) {
    this.#binding = binding;
    this.nodes = graphNodes(graphDef);
    this.#id = this.#load(graphDef);
  }

  async run(feeds: Readonly<Record<string, StepInput>>, fetches: readonly string[]): Promise<Float32Array[]> {
    await Promise.resolve();
    const binding = this.#binding;
    const ids = Object.values(feeds).map(({ shape, values }) =>
      upload(binding, shape, nativeDtype(binding, dtypeOf(values)), values),
    );
    try {
      const made = binding.runSavedModel(this.#id, ids, Object.keys(feeds).join(','), fetches.join(','));
      return made.map(tensor => take(binding, tensor));
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  dispose(): Promise<void> {
    this.#binding.deleteSavedModel(this.#id);
    return Promise.resolve();
  }

  #load(graphDef: Uint8Array): number {
    try {
      return loadGraph(this.#binding, wrapGraph(graphDef, 'graph'), 'graph');
    } catch (cause) {
      throw new Failure({
        code: 'graph-not-loaded',
        message: `TensorFlow cannot run the graph: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      });
    }
  }
}

function dtypeOf(values: StepInput['values']): 'float32' | 'int32' | 'uint8' {
  if (values instanceof Float32Array) return 'float32';
  return values instanceof Int32Array ? 'int32' : 'uint8';
}

/** `TensorFlow.openGraph` on the JavaScript backend. */
export function refuseGraph(): never {
  throw new Failure({
    code: 'graph-backend',
    message:
      'A TensorFlow graph takes TensorFlow’s native library, and this is TensorFlow.js’s JavaScript backend.',
    hint: 'pipe setup',
  });
}
