/** Finds out what `pipe sweep <file>` means: a new sweep, or going on with one that was begun. */
import { resolve } from 'node:path';
import { Failure } from '../core/failure.ts';
import type { Registry } from '../registry/index.ts';
import { differencesFrom } from './differences.ts';
import type { SweepDraft } from './read-file.ts';
import { openSweep, type OpenedSweep } from './stored.ts';

export type Beginning =
  { readonly kind: 'new' } | { readonly kind: 'resume' | 'complete'; readonly sweep: OpenedSweep };

/**
 * The newest sweep of the file decides: an unfinished one goes on. @throws Failure, exit code 2, where the file says something
 * else than when it was begun.
 */
export function beginningOf(registry: Registry, draft: SweepDraft): Beginning {
  const path = resolve(draft.cwd, draft.file);
  for (const id of registry.sweeps.ids().toReversed()) {
    const sweep = openSweep(registry, id);
    const { definition, state } = sweep;
    if (resolve(definition.cwd, definition.file) !== path) continue;
    const differences = differencesFrom(definition, draft);
    if (differences.length === 0) return { kind: isComplete(sweep, draft) ? 'complete' : 'resume', sweep };
    if (state.completed !== undefined) return { kind: 'new' };
    throw edited(id, draft.file, differences);
  }
  return { kind: 'new' };
}

/** True where nothing is left to do with the budget and the retries of the file as it is. */
export const isComplete = ({ state }: OpenedSweep, { budget, retries }: SweepDraft): boolean =>
  state.completed !== undefined &&
  JSON.stringify([state.definition.budget, state.definition.retries]) === JSON.stringify([budget, retries]);

/** @throws Failure where a sweep's file says something else than when it was begun. */
export function checkUnchanged({ definition }: OpenedSweep, draft: SweepDraft): void {
  const differences = differencesFrom(definition, draft);
  if (differences.length > 0) throw edited(definition.id, draft.file, differences);
}

const edited = (id: string, file: string, differences: readonly string[]): Failure =>
  new Failure({
    code: 'edited-sweep',
    exitCode: 2,
    message: `${id} was begun from ${file}, which says something else now`,
    details: [
      ...differences,
      'Only budget, retries, workers and name may change: results of two different sweeps are not comparable.',
    ],
    hint: `restore it (as it was: sweeps/${id}/sweep.yaml), or begin another sweep: pipe sweep ${file} --new`,
  });
