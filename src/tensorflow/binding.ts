import type { Tensor, TensorInfo } from '@tensorflow/tfjs';

/** The part of tfjs-node's native addon that is used here. */

/** A native tensor as the addon returns it. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: number[];
  /** TensorFlow's DataType number, such as `TF_FLOAT`. */
  readonly dtype: number;
}

/** An attribute of an operation: `type` is one of the `TF_ATTR_…` numbers. */
export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

export interface NativeBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_UINT8: number;
  readonly TF_BOOL: number;
  readonly TF_RESOURCE: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  /** Uses the values in place, without a copy, until the tensor is deleted. Ids are never reused. */
  createTensor(
    shape: readonly number[],
    dtype: number,
    values: ArrayBufferView | readonly Uint8Array[],
  ): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  executeOp(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensor[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** Names are comma-separated, each `<node>:<output index>`. */
  runSavedModel(
    id: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): NativeTensor[];
}

/** tfjs-node's backend: members that are public in JavaScript and missing in its types. */
export interface NativeBackend {
  binding: NativeBinding;
  createOutputTensor(tensor: NativeTensor): Tensor;
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  executeSingleOutput(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly TensorInfo[],
  ): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): Tensor[];
}

/** The addon's number for a dtype that crosses into a step. */
export function nativeDtype(binding: NativeBinding, dtype: 'float32' | 'int32' | 'uint8'): number {
  return { float32: binding.TF_FLOAT, int32: binding.TF_INT32, uint8: binding.TF_UINT8 }[dtype];
}
