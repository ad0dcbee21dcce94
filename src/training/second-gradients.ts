import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import type { ForwardResult } from '../models/forward.ts';
import { keepCopies, releaseCopies } from './kept.ts';

export interface WithInputGradient extends ForwardResult {
  /** Gradient of the sum of `y` with respect to x, of x's shape. It can be differentiated again. */
  readonly gradient: Tf.Tensor;
}

/**
 * A forward pass `y [B, 1]`, and the gradient of its outputs with respect to `x [B, …]`, each image's own where the pass treats each
 * by itself. Call it within the function of `gradientsOf`, whose gradients then include those of this gradient.
 */
export function withInputGradient(
  tf: TensorFlowNamespace,
  x: Tf.Tensor,
  pass: (x: Tf.Tensor) => ForwardResult,
): WithInputGradient {
  let kept: Pick<ForwardResult, 'heads' | 'state'> = { heads: {}, state: {} };
  const { value, grads } = tf.valueAndGrads((input: Tf.Tensor) => {
    const { y, heads, state } = pass(input);
    kept = { heads: keepCopies(tf, heads), state: keepCopies(tf, state) };
    return y;
  })([x], tf.ones([x.shape[0] ?? 0, 1]));
  sortTape(tf);
  return {
    y: value,
    gradient: grads[0] as Tf.Tensor,
    heads: releaseCopies(tf, kept.heads),
    state: releaseCopies(tf, kept.state),
  };
}

/** The part of TensorFlow.js's engine that holds the operations to differentiate. */
interface Engine {
  readonly state: { readonly activeTape: TapeNode[] | null };
}

interface TapeNode {
  readonly inputs: Readonly<Record<string, { readonly id: number }>>;
  readonly outputs: readonly { readonly id: number }[];
}

/**
 * Puts every operation after those that it follows from. TensorFlow.js 4.22 records the copy of an output that an operation saves for
 * its gradient, such as tanh's, before the operation itself, and finds no way through it when it differentiates the gradient.
 */
function sortTape(tf: TensorFlowNamespace): void {
  const { activeTape: tape } = (tf.engine() as unknown as Engine).state;
  if (tape === null) throw new Error('a gradient with respect to an input is taken outside of gradientsOf');
  const producers = new Map(
    tape.flatMap((node, index) => node.outputs.map(({ id }) => [id, index] as const)),
  );
  const sorted: TapeNode[] = [];
  const isSorted = new Set<number>();
  const visit = (index: number): void => {
    if (isSorted.has(index)) return;
    isSorted.add(index);
    const node = tape[index] as TapeNode;
    for (const { id } of Object.values(node.inputs)) {
      const producer = producers.get(id);
      if (producer !== undefined) visit(producer);
    }
    sorted.push(node);
  };
  tape.forEach((_, index) => visit(index));
  tape.splice(0, tape.length, ...sorted);
}
