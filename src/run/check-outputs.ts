import { isAbsolute } from 'node:path';
import { isWithin, namesIn, type Artifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { Port, Ports } from '../core/stage.ts';

/** What is wrong with one output, or undefined. */
function outputFault(name: string, port: Port, value: unknown): string | undefined {
  if (value === undefined || value === null)
    return port.optional ? undefined : `output "${name}" (${port.kind}) is missing`;
  if (typeof value !== 'object') return `output "${name}" is ${typeof value}, not an artifact`;
  const { kind, dir } = value as { readonly kind?: unknown; readonly dir?: unknown };
  if (kind !== port.kind)
    return `output "${name}" should be of kind ${port.kind}, but is ${JSON.stringify(kind) ?? 'without one'}`;
  if (typeof dir !== 'string' || !isAbsolute(dir))
    return `output "${name}" should have an absolute "dir", but it is ${JSON.stringify(dir) ?? 'missing'}`;
  const outside = namesIn(value as Artifact).find(file => !isWithin(file));
  if (outside !== undefined)
    return `output "${name}" names ${JSON.stringify(outside)}, which is no path inside its "dir"`;
  return undefined;
}

/**
 * Checks that a stage gave what it declares: every output, of its kind, and nothing else.
 * Throws a Failure that names each fault.
 */
export function checkOutputs(
  stage: string,
  ports: Ports,
  given: unknown,
): Readonly<Record<string, Artifact>> {
  const outputs = (given ?? {}) as Readonly<Record<string, unknown>>;
  const faults = Object.entries(ports).flatMap(
    ([name, port]) => outputFault(name, port, outputs[name]) ?? [],
  );
  const undeclared = Object.keys(outputs).filter(name => !Object.hasOwn(ports, name));
  faults.push(...undeclared.map(name => `output "${name}" is not declared`));
  if (faults.length > 0)
    throw new Failure({
      code: 'wrong-outputs',
      message: `stage "${stage}" did not give the outputs that it declares`,
      details: faults,
      hint: `mend what the stage's run function answers, or its declared outputs`,
    });
  return Object.fromEntries(
    Object.entries(outputs).filter(([, value]) => value !== undefined && value !== null),
  ) as Record<string, Artifact>;
}
