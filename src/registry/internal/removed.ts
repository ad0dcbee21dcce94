import { Failure } from '../../core/failure.ts';
import { formatTime } from '../../core/format.ts';
import { trashEntries } from './trash.ts';

/** The failure for an experiment in the trash; undefined when it is not there. */
export function removedExperiment(registry: string, id: string): Failure | undefined {
  const trashed = trashEntries(registry).findLast(({ name }) => name === id);
  if (trashed === undefined) return undefined;
  return new Failure({
    code: 'removed-experiment',
    exitCode: 2,
    message: `${id} was removed on ${formatTime(trashed.at)}; it is in the trash`,
    hint: `pipe restore ${id} brings it back`,
  });
}
