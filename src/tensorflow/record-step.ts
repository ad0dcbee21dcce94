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
import { Recorder } from './record.ts';

/** The backend on which a step is recorded. */
export interface RecordingBackend {
  readonly tf: TensorFlowNamespace;
  readonly backend: NativeBackend;
  /** The recorder of the step that is being recorded, for fused operations. */
  readonly slot: { current: Recorder | undefined };
}

type Inputs = Readonly<Record<string, StepInput>>;
type Sources = readonly (readonly [name: string, tensor: NativeTensor])[];

/** Executes a step once, eagerly, and records every operation. Throws a Failure for a step that is not pure. */
export function recordStep(
  { tf, backend, slot }: RecordingBackend,
  definition: StepDefinition,
  inputs: Inputs,
  state: StateValues,
): { readonly recorder: Recorder; readonly parts: GraphParts } {
  const recorder = new Recorder(definition.name);
  const inputSources = createInputs(backend, recorder, inputs);
  const stateSources = createState(backend, recorder, definition, state);
  const execute = (): Pick<GraphParts, 'outputs' | 'updates'> => {
    const { outputs, updates } = definition.run(
      Object.fromEntries(inputSources.map(([name, tensor]) => [name, inputTensor(backend, tensor)])),
      Object.fromEntries(stateSources.map(([name, tensor]) => [name, backend.createOutputTensor(tensor)])),
    );
    checkUpdates(definition, updates);
    const valueOf = (tensor: Tf.Tensor) => recorder.value(backend.getInputTensorIds([tensor])[0] as number);
    return {
      outputs: Object.entries(outputs).map(([name, tensor]) => ({
        name,
        value: valueOf(tf.cast(tensor, 'float32')),
      })),
      updates: new Map(Object.entries(updates).map(([name, tensor]) => [name, valueOf(tensor)])),
    };
  };
  slot.current = recorder;
  try {
    const results = recorder.record(backend, () => tidied(tf, execute));
    return { recorder, parts: { operations: recorder.operations, ...specs(definition, inputs), ...results } };
  } finally {
    slot.current = undefined;
  }
}

export function dtypeOf(values: StepArray): 'float32' | 'int32' | 'uint8' {
  if (values instanceof Float32Array) return 'float32';
  return values instanceof Int32Array ? 'int32' : 'uint8';
}

function specs({ state }: StepDefinition, inputs: Inputs): Pick<GraphParts, 'inputs' | 'state'> {
  return {
    inputs: Object.entries(inputs).map(([name, { shape, values }]) => ({
      name,
      shape,
      dtype: dtypeOf(values),
    })),
    state: Object.entries(state).map(([name, { shape }]) => ({ name, shape })),
  };
}

/** tf.tidy for a result that has no tensors. */
function tidied<T>(tf: TensorFlowNamespace, body: () => T): T {
  const results: T[] = [];
  tf.tidy(() => void results.push(body()));
  return results[0] as T;
}

function createInputs({ binding }: NativeBackend, recorder: Recorder, inputs: Inputs): Sources {
  return Object.entries(inputs).map(([name, { shape, values }]) => {
    const dtype = nativeDtype(binding, dtypeOf(values));
    const id = binding.createTensor(shape, dtype, values);
    recorder.source(`input ${name}`, id);
    return [name, { id, shape: [...shape], dtype }];
  });
}

function createState(
  { binding }: NativeBackend,
  recorder: Recorder,
  { state }: StepDefinition,
  values: StateValues,
): Sources {
  const dtype = binding.TF_FLOAT;
  return Object.entries(state).map(([name, { shape }]) => {
    const id = binding.createTensor(shape, dtype, values[name] as Float32Array);
    recorder.source(`state ${name}`, id);
    return [name, { id, shape: [...shape], dtype }];
  });
}

/** uint8 is cast to int32 in the graph: TensorFlow.js has no uint8 tensors. */
function inputTensor(backend: NativeBackend, tensor: NativeTensor): Tf.Tensor {
  const { binding } = backend;
  if (tensor.dtype !== binding.TF_UINT8) return backend.createOutputTensor(tensor);
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
  return backend.createOutputTensor(cast as NativeTensor);
}

/** Throws a Failure (`step-update`) for an update of what is not state, or of another shape or dtype. */
function checkUpdates({ name, state }: StepDefinition, updates: Readonly<Record<string, Tf.Tensor>>): void {
  for (const [key, { shape, dtype }] of Object.entries(updates)) {
    const entry = state[key];
    if (entry !== undefined && entry.shape.join() === shape.join() && dtype === 'float32') continue;
    throw new Failure({
      code: 'step-update',
      message:
        entry === undefined
          ? `The step “${name}” updates “${key}”, which is not in its state.`
          : `The step “${name}” updates “${key}” ([${entry.shape.join(', ')}] float32) with [${shape.join(', ')}] ${dtype}.`,
    });
  }
}
