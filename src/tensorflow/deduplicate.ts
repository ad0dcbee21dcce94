import type { ExecuteOperation, RecordedOperation, ValueRef } from './record.ts';

/** Bytes of the largest constants that are compared: for larger ones the comparison costs more than the copy. */
const LARGEST_CONSTANT = 4096;

/**
 * Common subexpression elimination: returns a function from a value to the earliest equal one. A step may write one pass twice and
 * pay for it once, such as the generator's for the discriminator's fakes and for its own update.
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

/** A key that equal values share. Undefined for sources and updates of state, which equal no other value. */
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
