import type { StepInput } from '../core/tensorflow.ts';
import { nativeDtype, type NativeBinding, type NativeTensor } from './binding.ts';
import { buildGraph, nodeNames, type GraphParts } from './graph-def.ts';
import { loadGraph, take, upload } from './native-values.ts';

/** A native session of a compiled graph, which holds the step's state. */
export class GraphSession {
  readonly #binding: NativeBinding;
  readonly #id: number;
  readonly #parts: GraphParts;
  readonly #inputNames: string;
  readonly #fetchNames: string;

  constructor(binding: NativeBinding, parts: GraphParts) {
    this.#binding = binding;
    this.#parts = parts;
    this.#id = loadGraph(binding, buildGraph(binding, parts), 'pipe');
    this.#inputNames = fetches(parts.inputs.length, nodeNames.input);
    this.#fetchNames = [fetches(parts.outputs.length, nodeNames.output), `${nodeNames.finished}:0`]
      .filter(Boolean)
      .join(',');
  }

  /** Runs the step once. */
  run(inputs: Readonly<Record<string, StepInput>>): Record<string, Float32Array> {
    const binding = this.#binding;
    const ids = this.#parts.inputs.map(({ name, dtype }) => {
      const { shape, values } = inputs[name] as StepInput;
      return upload(binding, shape, nativeDtype(binding, dtype), values);
    });
    try {
      const results = binding.runSavedModel(this.#id, ids, this.#inputNames, this.#fetchNames);
      binding.deleteTensor((results[this.#parts.outputs.length] as NativeTensor).id);
      return Object.fromEntries(
        this.#parts.outputs.map(({ name }, index) => [name, take(binding, results[index] as NativeTensor)]),
      );
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  read(names: readonly string[]): Record<string, Float32Array> {
    const indices = names.map(name => this.#stateIndex(name));
    const fetch = indices.map(index => `${nodeNames.read(index)}:0`).join(',');
    const results = this.#binding.runSavedModel(this.#id, [], '', fetch);
    return Object.fromEntries(
      names.map((name, index) => [name, take(this.#binding, results[index] as NativeTensor)]),
    );
  }

  write(values: Readonly<Record<string, Float32Array>>): void {
    const binding = this.#binding;
    const indices = Object.keys(values).map(name => this.#stateIndex(name));
    const ids = Object.values(values).map((array, at) =>
      upload(binding, this.#parts.state[indices[at] as number]?.shape ?? [], binding.TF_FLOAT, array),
    );
    const feed = indices.map(index => `${nodeNames.write(index)}:0`).join(',');
    const fetch = indices.map(index => `${nodeNames.written(index)}:0`).join(',');
    try {
      for (const tensor of binding.runSavedModel(this.#id, ids, feed, fetch)) binding.deleteTensor(tensor.id);
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  dispose(): void {
    this.#binding.deleteSavedModel(this.#id);
  }

  #stateIndex(name: string): number {
    return this.#parts.state.findIndex(entry => entry.name === name);
  }
}

function fetches(count: number, name: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${name(index)}:0`).join(',');
}
