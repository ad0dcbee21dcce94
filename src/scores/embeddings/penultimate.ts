import type * as Tf from '@tensorflow/tfjs';

type Layer = Tf.SymbolicTensor['sourceLayer'];

/**
 * The input `[B, width]` of the dense layer that a classifier ends with: what it knows of an example before it decides. Layers
 * that follow it, such as a softmax, keep its number of outputs. Undefined for a network that ends in another way.
 */
export function penultimate(model: Tf.LayersModel): Tf.SymbolicTensor | undefined {
  const width = model.outputs[0]?.shape.join();
  let tensor = model.outputs[0];
  while (tensor !== undefined && tensor.shape.join() === width) {
    const input = inputOf(tensor);
    if (isDense(tensor.sourceLayer)) return input?.shape.length === 2 ? input : undefined;
    tensor = input;
  }
  return undefined;
}

const isDense = (layer: Layer): boolean => layer.getClassName() === 'Dense';

/** The input of the layer that makes a tensor; undefined for a layer with several, or none. */
const inputOf = ({ inputs }: Tf.SymbolicTensor): Tf.SymbolicTensor | undefined =>
  inputs.length === 1 ? inputs[0] : undefined;
