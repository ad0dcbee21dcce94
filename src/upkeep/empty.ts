import { join } from 'node:path';
import type { Failure } from '../core/failure.ts';
import { deleteTrees } from '../storage/delete-tree.ts';
import type { Registry, TrashEntry } from '../registry/index.ts';
import type { Kept } from './choose.ts';
import { Freed } from './freed.ts';
import { leftovers, type Leftover } from './leftovers.ts';
import { Needs } from './needs.ts';
import { survey, usesOf } from './survey.ts';
import { aboutTrashed, type TrashItem } from './trash-list.ts';

/** Entries to delete permanently. */
export type Ended = TrashItem | Leftover;

export interface EmptyingPlan {
  readonly things: readonly Ended[];
  readonly kept: readonly Kept[];
}

/**
 * Finds entries of the trash to delete: all, or those since before a time, except experiments with tags or with outputs of others
 * in their folders. Writes nothing.
 */
export async function planEmptying(registry: Registry, before: Date | undefined): Promise<EmptyingPlan> {
  const entries = registry.trash.entries().filter(({ at }) => before === undefined || new Date(at) < before);
  const kept = await neededOf(registry, entries);
  const freed = new Freed();
  const things: Ended[] = leftovers(registry.dir, 'left', registry.trash.halfDeleted(), freed);
  for (const entry of entries)
    if (!kept.has(entry))
      things.push({ ...entry, ...(await aboutTrashed(entry, registry.trash)), bytes: freed.add(entry.path) });
  return { things, kept: [...kept].map(([{ name: id }, because]) => ({ id, because })) };
}

/** Experiments in the trash that something remaining needs, in the trash or not. */
async function neededOf(
  registry: Registry,
  entries: readonly TrashEntry[],
): Promise<ReadonlyMap<TrashEntry, Kept['because']>> {
  const experiments = entries.filter(({ kind }) => kind === 'experiment');
  if (experiments.length === 0) return new Map();
  const surveyed = await survey(registry);
  const needs = new Needs(surveyed);
  const kept = new Map<TrashEntry, Kept['because']>();
  for (const entry of experiments) {
    // Then the restored or newer one in its place is needed instead.
    if (surveyed.experiments.has(entry.name)) continue;
    const because = needs
      .obstacles(entry.name, new Set())
      .filter(({ code }) => code !== 'experiment-extended');
    if (because.length > 0) kept.set(entry, because);
  }
  for (const [{ name, path }] of kept)
    for (const used of usesOf(name, path, registry).experiments)
      for (const entry of experiments)
        if (entry.name === used && !kept.has(entry)) kept.set(entry, [isUsedByKept(name, used)]);
  return kept;
}

const isUsedByKept = (user: string, used: string): Kept['because'][number] => ({
  code: 'outputs-needed',
  message: `${user}, which stays in the trash, uses outputs that lie in the folder of ${used}`,
  yields: false,
});

/**
 * Deletes permanently. Each thing is renamed first, so that it cannot be restored during deletion; after a kill, the next
 * emptying or collection deletes the rest. Returns what this process deleted, and the failures.
 */
export function empty(
  registry: Registry,
  { things }: EmptyingPlan,
): { readonly things: readonly Ended[]; readonly failures: readonly Failure[] } {
  const marked = new Map<string, Ended>();
  for (const thing of things) {
    const ending =
      thing.kind === 'leftover' ? join(registry.dir, thing.name) : registry.trash.markEnding(thing);
    if (ending !== undefined) marked.set(ending, thing);
  }
  const failures = deleteTrees([...marked.keys()]);
  const deleted = [...marked].filter(([path]) => !failures.has(path)).map(([, thing]) => thing);
  return { things: deleted, failures: [...failures.values()] };
}
