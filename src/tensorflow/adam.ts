import type * as Tf from '@tensorflow/tfjs';
import type { AdamInputs, AdamOutputs } from '../core/tensorflow.ts';
import type { NativeBackend, NativeBinding, NativeTensor } from './binding.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { Recorder } from './record.ts';

/** Order of the inputs of a recorded update: that of `ResourceApplyAdam`, state first. */
const INPUTS = [
  'value',
  'm',
  'v',
  'beta1Power',
  'beta2Power',
  'learningRate',
  'beta1',
  'beta2',
  'epsilon',
  'gradient',
] as const;

/**
 * Adam (Kingma & Ba 2015, algorithm 1, with the efficient order of section 2's end), as Keras and TensorFlow compute it:
 * `m += (g - m)(1 - β1)`, `v += (g² - v)(1 - β2)`, `w -= lr √(1 - β2ᵗ) / (1 - β1ᵗ) · m / (√v + ε)`.
 * With a decay `w -= decay · w` comes first (Loshchilov & Hutter 2019, algorithm 2). Plain operations, for the JavaScript backend.
 */
export function plainAdam(tf: typeof Tf, inputs: AdamInputs): AdamOutputs {
  const { value, m, v, gradient, beta1Power, beta2Power, learningRate, beta1, beta2, epsilon, decay } =
    inputs;
  const newM = m.add(gradient.sub(m).mul(tf.sub(1, beta1)));
  const newV = v.add(gradient.square().sub(v).mul(tf.sub(1, beta2)));
  const alpha = tf.sub(1, beta2Power).sqrt().mul(learningRate).div(tf.sub(1, beta1Power));
  const decayed = decay === undefined ? value : value.sub(value.mul(decay));
  return { value: decayed.sub(newM.mul(alpha).div(newV.sqrt().add(epsilon))), m: newM, v: newV };
}

/** Adam in one pass over the weights, by TensorFlow's `ResourceApplyAdam`, after one for the decay. A recorder records both as one operation. */
export function nativeAdam(
  backend: NativeBackend,
  inputs: AdamInputs,
  recorder: Recorder | undefined,
): AdamOutputs {
  const { decay } = inputs;
  const tensors = [...INPUTS.map(name => inputs[name]), ...(decay === undefined ? [] : [decay])];
  const ids = backend.getInputTensorIds(tensors);
  const run = () => applyAdam(backend.binding, ids, inputs.value.shape);
  const outputs = recorder === undefined ? run() : recorder.adam(ids, run);
  const [value, m, v] = outputs.map(output => backend.createOutputTensor(output));
  return { value, m, v } as AdamOutputs;
}

let resources = 0;

/** Executes the update eagerly on temporary resource variables, with the same kernel as the compiled step. */
function applyAdam(binding: NativeBinding, ids: readonly number[], shape: readonly number[]): NativeTensor[] {
  const dtype = { name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const handles = ids.slice(0, 3).map(id => {
    const attributes = [
      dtype,
      { name: 'shape', type: binding.TF_ATTR_SHAPE, value: shape },
      { name: 'shared_name', type: binding.TF_ATTR_STRING, value: `adam_${resources++}` },
      { name: 'container', type: binding.TF_ATTR_STRING, value: '' },
    ];
    const handle = (binding.executeOp('VarHandleOp', attributes, [], 1)[0] as NativeTensor).id;
    binding.executeOp('AssignVariableOp', [dtype], [handle, id], 0);
    return handle;
  });
  const decay = ids[INPUTS.length];
  if (decay !== undefined) {
    const [value, handle] = [ids[0] as number, handles[0] as number];
    binding.executeOp('ResourceApplyGradientDescent', updateAttributes(binding), [handle, decay, value], 0);
  }
  const inputs = [...handles, ...ids.slice(3, INPUTS.length)];
  binding.executeOp('ResourceApplyAdam', adamAttributes(binding), inputs, 0);
  return handles.map(handle => {
    const value = binding.executeOp('ReadVariableOp', [dtype], [handle], 1)[0] as NativeTensor;
    binding.executeOp('DestroyResourceOp', [], [handle], 0);
    binding.deleteTensor(handle);
    return value;
  });
}

function updateAttributes(binding: NativeBinding) {
  return [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'use_locking', type: binding.TF_ATTR_BOOL, value: false },
  ];
}

function adamAttributes(binding: NativeBinding) {
  return [...updateAttributes(binding), { name: 'use_nesterov', type: binding.TF_ATTR_BOOL, value: false }];
}

/** The newest value of each state entry while a graph is built. */
export interface StateTracking {
  /** State name → handle node. */
  readonly handles: ReadonlyMap<string, string>;
  /** Value name → the state entry that it is the newest value of. */
  readonly holders: Map<string, string>;
  /** State name → the node that must run before the entry changes again. */
  readonly lastWrite: Map<string, string>;
}

/** Adds an update in place of the state's variables; returns the names of the new value, m and v. */
export function emitAdam(
  graph: GraphBuilder,
  node: string,
  inputs: readonly string[],
  { handles, holders, lastWrite }: StateTracking,
): string[] {
  const states = inputs.slice(0, 3).map(input => {
    const state = holders.get(input);
    if (state === undefined)
      throw new Error('adam works on state of the step, or on the result of an earlier adam on it');
    return state;
  });
  const variables = states.map(state => handles.get(state) as string);
  const after = states.map(state => `^${lastWrite.get(state) as string}`);
  const attributes = { T: { type: graph.binding.TF_FLOAT }, use_locking: { bool: false } };
  const decay = inputs[INPUTS.length];
  if (decay !== undefined) {
    const [handle, value] = [variables[0] as string, inputs[0] as string];
    const decayed = [handle, decay, value, ...after];
    after.push(`^${graph.node(`${node}_decay`, 'ResourceApplyGradientDescent', decayed, attributes)}`);
  }
  const apply = graph.node(
    node,
    'ResourceApplyAdam',
    [...variables, ...inputs.slice(3, INPUTS.length), ...after],
    { ...attributes, use_nesterov: { bool: false } },
  );
  return states.map((state, index) => {
    holders.delete(inputs[index] as string);
    const read = graph.node(
      `${node}_read_${index}`,
      'ReadVariableOp',
      [variables[index] as string, `^${apply}`],
      {
        dtype: { type: graph.binding.TF_FLOAT },
      },
    );
    holders.set(read, state);
    lastWrite.set(state, read);
    return read;
  });
}
