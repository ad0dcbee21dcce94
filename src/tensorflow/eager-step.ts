import type * as Tf from '@tensorflow/tfjs';
import type { StateValues, StepDefinition, StepInput, TensorFlowNamespace } from '../core/tensorflow.ts';
import type { StepRunner } from './queued-step.ts';

/** Runs a step operation by operation: on the JavaScript backend, and as the reference for the compiled step. */
export class EagerStep implements StepRunner {
  readonly #tf: TensorFlowNamespace;
  readonly #definition: StepDefinition;
  readonly #state: Record<string, Tf.Tensor> = {};

  constructor(tf: TensorFlowNamespace, definition: StepDefinition) {
    this.#tf = tf;
    this.#definition = definition;
    for (const [name, { shape, values }] of Object.entries(definition.state))
      this.#state[name] = tf.tensor(values.slice(), [...shape], 'float32');
  }

  run(inputs: Readonly<Record<string, StepInput>>): StateValues {
    const tf = this.#tf;
    const tensors = Object.entries(inputs).map(([name, input]) => [name, inputTensor(tf, input)] as const);
    try {
      const { outputs, updates } = tf.tidy(() => {
        const result = this.#definition.run(Object.fromEntries(tensors), this.#state);
        return { outputs: handles(result.outputs), updates: handles(result.updates) };
      });
      const values = valuesOf(outputs);
      tf.dispose(outputs);
      for (const [name, update] of Object.entries(updates)) {
        this.#state[name]?.dispose();
        this.#state[name] = update;
      }
      return values;
    } finally {
      for (const [, tensor] of tensors) tensor.dispose();
    }
  }

  read(names: readonly string[]): StateValues {
    return valuesOf(Object.fromEntries(names.map(name => [name, this.#state[name] as Tf.Tensor])));
  }

  write(values: StateValues): void {
    for (const [name, array] of Object.entries(values)) {
      const old = this.#state[name] as Tf.Tensor;
      this.#state[name] = this.#tf.tensor(array.slice(), old.shape, 'float32');
      old.dispose();
    }
  }

  dispose(): void {
    this.#tf.dispose(this.#state);
  }
}

/** Handles of their own, as one tensor may be several outputs and updates, or the state itself. */
function handles(tensors: Readonly<Record<string, Tf.Tensor>>): Record<string, Tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.clone()]));
}

function valuesOf(tensors: Readonly<Record<string, Tf.Tensor>>): StateValues {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())]),
  );
}

/** uint8 becomes int32: TensorFlow.js has no uint8 tensors. */
function inputTensor(tf: TensorFlowNamespace, { shape, values }: StepInput): Tf.Tensor {
  return values instanceof Float32Array
    ? tf.tensor(values.slice(), [...shape], 'float32')
    : tf.tensor(Int32Array.from(values), [...shape], 'int32');
}
