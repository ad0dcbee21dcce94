import { Failure } from '../../core/failure.ts';
import { counted } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { Registry, StoredExperiment } from '../../registry/index.ts';
import { entriesOf, isReadable } from '../list/entry.ts';
import { entriesWhere } from '../list/where.ts';

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
  throw nothing(`there are no experiments in ${printable(registry.dir)} to compare`);
}

/**
 * Those experiments for which a condition holds, smallest number first.
 * @param ids Those to choose from; all where there are none.
 * @throws Failure, exit code 2, for a mistake in it, and where it holds for none
 */
export async function experimentsWhere(
  registry: Registry,
  condition: string,
  cwd: string,
  ids: readonly string[],
): Promise<readonly StoredExperiment[]> {
  const all = entriesOf(await registry.summaries()).filter(isReadable);
  const entries = ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
  const chosen = entriesWhere(entries, condition, { tags: registry.tags.all().byId, cwd });
  if (chosen.length === 0) throw nothing(`none of ${counted(entries.length, 'experiment')} is like that`);
  return Promise.all(chosen.map(({ id }) => registry.read(id)));
}

const nothing = (message: string) => new Failure({ code: 'nothing-to-compare', exitCode: 2, message });
