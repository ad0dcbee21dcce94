import type { ExecuteOperation, RecordedOperation, ValueRef } from './record.ts';

/** Larger constants are compared with nothing: hashing them costs more than they do. */
const LARGEST_CONSTANT = 4096;

/**
 * Finds operations that compute what an earlier one already did (common subexpressions): a step may run one pass twice, as the
 * generator's for the discriminator's fakes and for its own update, and pay once. Answers the earliest equal value.
 */
export function deduplicate(operations: readonly RecordedOperation[]): (ref: ValueRef) => ValueRef {
  const canonical: number[] = [];
  const seen = new Map<string, number>();
  const resolve = ({ operation, output }: ValueRef): ValueRef => ({
    operation: canonical[operation] ?? operation,
    output,
  });
  operations.forEach((operation, index) => {
    const key = keyOf(operation, resolve);
    const earlier = key === undefined ? undefined : seen.get(key);
    if (key !== undefined && earlier === undefined) seen.set(key, index);
    canonical.push(earlier ?? index);
  });
  return resolve;
}

/** Equal keys mean equal values. Updates of state have none: each is a new value. */
function keyOf(operation: RecordedOperation, resolve: (ref: ValueRef) => ValueRef): string | undefined {
  switch (operation.type) {
    case 'constant':
      if (operation.bytes.length > LARGEST_CONSTANT) return undefined;
      return `constant ${operation.dtype} [${operation.shape.join()}] ${Buffer.from(operation.bytes).toString('base64')}`;
    case 'execute':
      return executeKey(operation, resolve);
    case 'source':
    case 'adam':
      return undefined;
  }
}

function executeKey(
  { name, attributes, inputs }: ExecuteOperation,
  resolve: (ref: ValueRef) => ValueRef,
): string {
  return JSON.stringify([name, attributes, inputs.map(resolve)]);
}
