import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import type { Registry, StoredExperiment } from '../../registry/index.ts';

/** All experiments of these references, or one failure that lists those not found. */
export async function findAll(
  references: readonly string[],
  find: (reference: string) => Promise<StoredExperiment>,
): Promise<StoredExperiment[]> {
  const results = await Promise.allSettled(references.map(find));
  const reasons = results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (reasons.length === 0)
    return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  const failures = reasons.filter(reason => reason instanceof Failure);
  const [first] = failures;
  if (reasons.length === 1 || first === undefined || failures.length < reasons.length) throw reasons[0];
  throw new Failure({
    code: first.code,
    exitCode: first.exitCode,
    message: `${failures.length} of the ${references.length} experiments cannot be compared`,
    details: failures.flatMap(({ message, details }) => [message, ...details.map(line => `  ${line}`)]),
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

/** Every experiment with a readable record. @throws Failure, exit code 2, where there is none */
export async function allExperiments(registry: Registry): Promise<readonly StoredExperiment[]> {
  const { experiments } = await registry.list();
  if (experiments.length > 0) return experiments;
  throw new Failure({
    code: 'nothing-to-compare',
    exitCode: 2,
    message: `there are no experiments in ${printable(registry.dir)} to compare`,
  });
}
