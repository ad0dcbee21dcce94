import type * as Tf from '@tensorflow/tfjs';
import type { CompiledStep, StepDefinition, StepInput, TensorFlowNamespace } from '../core/tensorflow.ts';

/** Runs a step operation by operation: the JavaScript backend's way, and the yardstick of the compiled one. */
export class EagerStep implements CompiledStep {
  readonly #tf: TensorFlowNamespace;
  readonly #definition: StepDefinition;
  readonly #state: Record<string, Tf.Tensor> = {};

  constructor(tf: TensorFlowNamespace, definition: StepDefinition) {
    this.#tf = tf;
    this.#definition = definition;
    for (const [name, { shape, values }] of Object.entries(definition.state))
      this.#state[name] = tf.tensor(values.slice(), [...shape], 'float32');
  }

  run(inputs: Readonly<Record<string, StepInput>>): Record<string, Float32Array> {
    const tf = this.#tf;
    const tensors = Object.entries(inputs).map(([name, input]) => [name, inputTensor(tf, input)] as const);
    const { outputs, updates } = tf.tidy(() => {
      const result = this.#definition.run(Object.fromEntries(tensors), this.#state);
      return { outputs: { ...result.outputs }, updates: { ...result.updates } };
    });
    for (const [name, update] of Object.entries(updates)) {
      this.#state[name]?.dispose();
      this.#state[name] = update;
    }
    const values = Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())]),
    );
    tf.dispose(outputs);
    for (const [, tensor] of tensors) tensor.dispose();
    return values;
  }

  read(names = Object.keys(this.#state)): Record<string, Float32Array> {
    return Object.fromEntries(names.map(name => [name, Float32Array.from(this.#entry(name).dataSync())]));
  }

  write(values: Readonly<Record<string, Float32Array>>): void {
    for (const [name, array] of Object.entries(values)) {
      const old = this.#entry(name);
      this.#state[name] = this.#tf.tensor(array.slice(), old.shape, 'float32');
      old.dispose();
    }
  }

  dispose(): void {
    this.#tf.dispose(this.#state);
  }

  #entry(name: string): Tf.Tensor {
    const tensor = this.#state[name];
    if (tensor === undefined) throw new Error(`the step has no state "${name}"`);
    return tensor;
  }
}

/** uint8 becomes int32: TensorFlow.js has no uint8 tensors. */
function inputTensor(tf: TensorFlowNamespace, { shape, values }: StepInput): Tf.Tensor {
  return values instanceof Float32Array
    ? tf.tensor(values.slice(), [...shape], 'float32')
    : tf.tensor(Int32Array.from(values), [...shape], 'int32');
}
