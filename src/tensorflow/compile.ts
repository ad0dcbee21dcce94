import type * as Tf from '@tensorflow/tfjs';
import { Failure } from '../core/failure.ts';
import type {
  StateValues,
  StepArray,
  StepDefinition,
  StepInput,
  TensorFlowNamespace,
} from '../core/tensorflow.ts';
import { nativeDtype, type NativeBackend, type NativeTensor } from './binding.ts';
import type { GraphParts } from './graph-def.ts';
import type { StepRunner } from './queued-step.ts';
import { assertRepeatable, Recorder } from './record.ts';
import { GraphSession } from './session.ts';

/** The recorder of the step that is being recorded, for fused operations. */
export interface RecorderSlot {
  current: Recorder | undefined;
}

/**
 * A step that is recorded once for each combination of input shapes and replayed as a graph in a native session. The session that
 * ran last holds the state; when the shapes change, the state moves to another session.
 */
export class GraphStep implements StepRunner {
  readonly #tf: TensorFlowNamespace;
  readonly #backend: NativeBackend;
  readonly #slot: RecorderSlot;
  readonly #definition: StepDefinition;
  readonly #sessions = new Map<string, GraphSession>();
  #current: GraphSession | undefined;
  /** The state before the first run, including what was written to it. */
  #initial: StateValues;

  constructor(
    tf: TensorFlowNamespace,
    backend: NativeBackend,
    slot: RecorderSlot,
    definition: StepDefinition,
  ) {
    this.#tf = tf;
    this.#backend = backend;
    this.#slot = slot;
    this.#definition = definition;
    this.#initial = Object.fromEntries(
      Object.entries(definition.state).map(([name, { values }]) => [name, values.slice()]),
    );
  }

  run(inputs: Readonly<Record<string, StepInput>>): StateValues {
    return this.#session(inputs).run(inputs);
  }

  read(names: readonly string[]): StateValues {
    if (this.#current !== undefined) return this.#current.read(names);
    return Object.fromEntries(names.map(name => [name, (this.#initial[name] as Float32Array).slice()]));
  }

  write(values: StateValues): void {
    if (this.#current !== undefined) this.#current.write(values);
    else this.#initial = { ...this.#initial, ...values };
  }

  dispose(): void {
    for (const session of this.#sessions.values()) session.dispose();
    this.#sessions.clear();
  }

  #session(inputs: Readonly<Record<string, StepInput>>): GraphSession {
    const key = JSON.stringify(
      Object.entries(inputs).map(([name, { shape, values }]) => [name, shape, dtypeOf(values)]),
    );
    const known = this.#sessions.get(key);
    if (known !== undefined && known === this.#current) return known;
    const state = this.read(Object.keys(this.#definition.state));
    const session = known ?? this.#compile(inputs, state);
    session.write(state);
    this.#sessions.set(key, session);
    this.#current = session;
    this.#initial = {};
    return session;
  }

  #compile(
    inputs: Readonly<Record<string, StepInput>>,
    state: Readonly<Record<string, Float32Array>>,
  ): GraphSession {
    const first = this.#record(inputs, state);
    const second = this.#record(inputs, state);
    assertRepeatable(this.#definition.name, first.recorder, second.recorder);
    return new GraphSession(this.#backend.binding, first.parts);
  }

  /** Executes the step once, eagerly, and records every operation. */
  #record(inputs: Readonly<Record<string, StepInput>>, state: Readonly<Record<string, Float32Array>>) {
    const { binding } = this.#backend;
    const { name, state: stateSpec, run } = this.#definition;
    const recorder = new Recorder(name);
    const source = (key: string, shape: readonly number[], dtype: number, values: StepArray) => {
      const id = binding.createTensor(shape, dtype, values);
      recorder.source(key, id);
      return { id, shape: [...shape], dtype };
    };
    const inputSources = Object.entries(inputs).map(
      ([key, { shape, values }]) =>
        [key, source(`input ${key}`, shape, nativeDtype(binding, dtypeOf(values)), values)] as const,
    );
    const stateSources = Object.entries(stateSpec).map(
      ([key, { shape }]) =>
        [key, source(`state ${key}`, shape, binding.TF_FLOAT, state[key] as Float32Array)] as const,
    );
    this.#slot.current = recorder;
    try {
      const parts: Omit<GraphParts, 'operations'> = recorder.record(this.#backend, () => {
        let traced: ReturnType<typeof trace> | undefined;
        const trace = () => {
          const tensors = Object.fromEntries(inputSources.map(([key, tensor]) => [key, this.#input(tensor)]));
          const variables = Object.fromEntries(
            stateSources.map(([key, tensor]) => [key, this.#backend.createOutputTensor(tensor)]),
          );
          const { outputs, updates } = run(tensors, variables);
          const valueOf = (tensor: Tf.Tensor) =>
            recorder.value(this.#backend.getInputTensorIds([tensor])[0] as number);
          this.#checkUpdates(updates);
          return {
            inputs: Object.entries(inputs).map(([key, { shape, values }]) => ({
              name: key,
              shape,
              dtype: dtypeOf(values),
            })),
            state: Object.entries(stateSpec).map(([key, { shape }]) => ({ name: key, shape })),
            outputs: Object.entries(outputs).map(([key, tensor]) => ({
              name: key,
              value: valueOf(this.#tf.cast(tensor, 'float32')),
            })),
            updates: new Map(Object.entries(updates).map(([key, tensor]) => [key, valueOf(tensor)])),
          };
        };
        this.#tf.tidy(() => {
          traced = trace();
        });
        return traced as ReturnType<typeof trace>;
      });
      return { recorder, parts: { operations: recorder.operations, ...parts } };
    } finally {
      this.#slot.current = undefined;
    }
  }

  /** uint8 is cast to int32 in the graph: TensorFlow.js has no uint8 tensors. */
  #input(tensor: NativeTensor): Tf.Tensor {
    const { binding } = this.#backend;
    if (tensor.dtype !== binding.TF_UINT8) return this.#backend.createOutputTensor(tensor);
    const [cast] = binding.executeOp(
      'Cast',
      [
        { name: 'SrcT', type: binding.TF_ATTR_TYPE, value: binding.TF_UINT8 },
        { name: 'DstT', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
        { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
      ],
      [tensor.id],
      1,
    );
    binding.deleteTensor(tensor.id);
    return this.#backend.createOutputTensor(cast as NativeTensor);
  }

  #checkUpdates(updates: Readonly<Record<string, Tf.Tensor>>): void {
    for (const [key, tensor] of Object.entries(updates)) {
      const entry = this.#definition.state[key];
      if (entry !== undefined && entry.shape.join() === tensor.shape.join() && tensor.dtype === 'float32')
        continue;
      throw new Failure({
        code: 'step-update',
        message:
          entry === undefined
            ? `The step “${this.#definition.name}” updates “${key}”, which is not in its state.`
            : `The step “${this.#definition.name}” updates “${key}” ([${entry.shape.join(', ')}] float32) with [${tensor.shape.join(', ')}] ${tensor.dtype}.`,
      });
    }
  }
}

function dtypeOf(values: StepArray): 'float32' | 'int32' | 'uint8' {
  if (values instanceof Float32Array) return 'float32';
  return values instanceof Int32Array ? 'int32' : 'uint8';
}
