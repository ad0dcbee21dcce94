import type { GraphBuilder } from './graph-builder.ts';
import type { ConstantOperation, ExecuteOperation, ValueRef } from './record.ts';

/** Adds a constant; returns its name. */
export function emitConstant(
  graph: GraphBuilder,
  node: string,
  { dtype, shape, bytes }: Omit<ConstantOperation, 'type'>,
): string {
  return graph.node(node, 'Const', [], {
    dtype: { type: dtype },
    value: { tensor: { dtype, shape, bytes } },
  });
}

/** Adds a recorded operation; returns the names of its outputs. */
export function emitExecute(
  graph: GraphBuilder,
  node: string,
  { name, attributes, inputs, outputs }: ExecuteOperation,
  nameOf: (ref: ValueRef) => string,
): string[] {
  const byName = Object.fromEntries(attributes.map(native => [native.name, { native }]));
  graph.node(node, name, inputs.map(nameOf), byName);
  return Array.from({ length: outputs }, (_, output) => (output === 0 ? node : `${node}:${output}`));
}
