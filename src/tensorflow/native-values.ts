/** Arrays and graphs on their way into native sessions, and back. */
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StepArray } from '../core/tensorflow.ts';
import { temporaryFolder } from '../host/temporary.ts';
import type { NativeBinding, NativeTensor } from './binding.ts';

/**
 * The id of a native copy of an array. The addon's own tensors use the memory of the JavaScript array and return it to Node when
 * they are freed; a session may free them on another thread, where Node must not be called.
 */
export function upload(
  binding: NativeBinding,
  shape: readonly number[],
  dtype: number,
  values: StepArray,
): number {
  const shared = binding.createTensor(shape, dtype, values);
  const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: dtype };
  const [copy] = binding.executeOp('DeepCopy', [type], [shared], 1);
  binding.deleteTensor(shared);
  return (copy as NativeTensor).id;
}

/** Reads the values of a tensor and deletes it. */
export function take(binding: NativeBinding, tensor: NativeTensor): Float32Array {
  const values = binding.tensorDataSync(tensor.id);
  binding.deleteTensor(tensor.id);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/**
 * Loads a graph, in a SavedModel with a tag, and returns the session's id. The addon reads graphs from folders only.
 * @param savedModel The bytes of `saved_model.pb`, in parts.
 */
export function loadGraph(
  binding: NativeBinding,
  savedModel: Uint8Array | readonly Uint8Array[],
  tag: string,
): number {
  const folder = temporaryFolder('pipe-step-');
  try {
    for (const part of [savedModel].flat()) appendFileSync(join(folder, 'saved_model.pb'), part);
    return binding.loadSavedModel(folder, tag);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
