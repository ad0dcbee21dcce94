/**
 * `pipe gc`: finds things that nothing needs, and moves them to the trash.
 *
 * Runs may continue meanwhile. A running experiment and its results are no candidates. A run that links from a cache entry while
 * it is moved finds it gone and runs the stage itself (`StageCache.take`); files that it has already linked are its own. A new
 * entry appears complete, after its fingerprint is in a record; entries are listed before records are read, so that each listed
 * entry has its record by then.
 */
import { join } from 'node:path';
import { StageCache } from '../cache/cache.ts';
import type { Failure } from '../core/failure.ts';
import { deleteTrees } from '../storage/delete-tree.ts';
import { abandonedStaging } from '../storage/staging.ts';
import type { Reason, Registry } from '../registry/index.ts';
import { chooseExperiments, type ExperimentChoice, type Kept } from './choose.ts';
import { freedBesidesTrash } from './freed.ts';
import { leftovers, type Leftover } from './leftovers.ts';
import { moveExperiments, type Leaving } from './move-experiments.ts';
import { survey, type Survey } from './survey.ts';

interface CollectedExperiment {
  readonly kind: 'experiment';
  readonly name: string;
  readonly why: Reason;
  readonly pipeline: string | null;
  readonly bytes: number;
}

interface CollectedCache {
  readonly kind: 'cache';
  /** Its fingerprint. */
  readonly name: string;
  readonly why: Extract<Reason, 'unused' | 'damaged'>;
  /** The stage's id, and the experiment in which it ran; null where the entry cannot be read. */
  readonly stage: string | null;
  readonly experiment: string | null;
  readonly bytes: number;
}

/** A thing to move to the trash, or a leftover to delete permanently. */
export type Collected = CollectedExperiment | CollectedCache | Leftover;

export interface CollectionPlan {
  readonly things: readonly Collected[];
  readonly kept: readonly Kept[];
  readonly survey: Survey;
}

export interface Collection extends Pick<CollectionPlan, 'things' | 'kept'> {
  /** Leftovers that could not be deleted. */
  readonly failures: readonly Failure[];
}

/** Finds things to collect. Writes nothing. */
export async function planCollection(registry: Registry, choice: ExperimentChoice): Promise<CollectionPlan> {
  const cache = new StageCache(registry.dir);
  const fingerprints = cache.fingerprints();
  const surveyed = await survey(registry);
  const { leaving, kept } = chooseExperiments(surveyed, choice);
  const used = usesBesides(surveyed, leaving, 'fingerprints');
  const freed = freedBesidesTrash(registry);
  const things: Collected[] = leaving.map(({ id, why }) => ({
    kind: 'experiment',
    name: id,
    why,
    pipeline: surveyed.experiments.get(id)?.pipeline ?? null,
    bytes: freed.add(registry.trash.placeOf({ kind: 'experiment', name: id })),
  }));
  for (const name of fingerprints) {
    const why = used.has(name) ? await damageOf(cache, name) : 'unused';
    if (why === undefined) continue;
    const entry = cache.peek(name);
    const about = { stage: entry?.parts.id ?? null, experiment: entry?.experiment ?? null };
    things.push({
      kind: 'cache',
      name,
      why,
      ...about,
      bytes: freed.add(registry.trash.placeOf({ kind: 'cache', name })),
    });
  }
  const left = [...registry.trash.halfDeleted(), ...abandonedStaging(registry.dir)];
  const forgotten = cache.digestFilesBesides(usesBesides(surveyed, leaving, 'digests'));
  things.push(
    ...leftovers(registry.dir, 'left', left, freed),
    ...leftovers(registry.dir, 'unused', forgotten, freed),
  );
  return { things, kept, survey: surveyed };
}

/** Dependencies of the experiments that stay. */
function usesBesides(
  { experiments }: Survey,
  leaving: readonly Leaving[],
  what: 'fingerprints' | 'digests',
): ReadonlySet<string> {
  const going = new Set(leaving.map(({ id }) => id));
  const staying = [...experiments.values()].filter(({ id }) => !going.has(id));
  return new Set(staying.flatMap(({ uses }) => [...uses[what]]));
}

async function damageOf(cache: StageCache, fingerprint: string): Promise<'damaged' | undefined> {
  const found = await cache.find(fingerprint);
  return found === undefined || 'damaged' in found ? 'damaged' : undefined;
}

/**
 * Carries out a plan as far as it still applies. Returns what this process collected, and what stayed because it is needed by
 * now.
 */
export async function collect(
  registry: Registry,
  { things, kept, survey: before }: CollectionPlan,
): Promise<Collection> {
  const leaving = things.flatMap(thing =>
    thing.kind === 'experiment' ? [{ id: thing.name, why: thing.why }] : [],
  );
  const { moved, putBack } = await moveExperiments(registry, leaving, before, {
    force: false,
    together: false,
  });
  const used = usesBesides(await survey(registry, before), [], 'fingerprints');
  const cache = new StageCache(registry.dir);
  const done = new Set(moved);
  for (const thing of things)
    if (thing.kind === 'cache' && (await moveEntry(registry, thing, { used, cache }))) done.add(thing.name);
  registry.trash.sync();
  const left = things.filter(({ kind }) => kind === 'leftover').map(({ name }) => name);
  const failures = deleteTrees(left.map(name => join(registry.dir, name)));
  for (const name of left) if (!failures.has(join(registry.dir, name))) done.add(name);
  return {
    things: things.filter(({ name }) => done.has(name)),
    kept: [...kept, ...[...putBack].map(([id, because]) => ({ id, because }))],
    failures: [...failures.values()],
  };
}

/** Moves a cache entry to the trash; false if it is needed by now, was repaired, or is gone. */
async function moveEntry(
  registry: Registry,
  thing: CollectedCache,
  { used, cache }: { readonly used: ReadonlySet<string>; readonly cache: StageCache },
): Promise<boolean> {
  const isWanted = used.has(thing.name) && (await damageOf(cache, thing.name)) === undefined;
  return !isWanted && registry.trash.move(thing, thing.why) !== undefined;
}
