import { experimentNumber, type Reason, type Registry, type TrashEntry } from '../registry/index.ts';
import { isRunning, Needs, type Obstacle } from './needs.ts';
import { survey, type Survey } from './survey.ts';

export interface Leaving {
  readonly id: string;
  readonly why: Reason;
}

export interface Moves {
  /** Ids of experiments now in the trash. */
  readonly moved: readonly string[];
  /** Reasons to put an experiment back, by id; empty for one that only moved together with others. */
  readonly putBack: ReadonlyMap<string, readonly Obstacle[]>;
}

/**
 * Moves experiments to the trash, extensions first, and surveys again afterwards: anything that began to need or resume one of
 * them before the move is seen now, and anything later does not find it. Needed ones are put back, or with `together` all.
 */
export async function moveExperiments(
  registry: Registry,
  leaving: readonly Leaving[],
  before: Survey,
  { force, together }: { readonly force: boolean; readonly together: boolean },
): Promise<Moves> {
  const moved = new Map<string, TrashEntry>();
  for (const { id, why } of [...leaving].sort((a, b) => numberOf(b.id) - numberOf(a.id))) {
    const entry = registry.trash.move({ kind: 'experiment', name: id }, why);
    if (entry !== undefined) moved.set(id, entry);
  }
  const putBack = new Map<string, readonly Obstacle[]>();
  const stuck: string[] = [];
  for (;;) {
    const obstacles = await newObstacles(moved, new Needs(await survey(registry, before)), {
      registry,
      force,
    });
    if (obstacles.size === 0) break;
    for (const [id, entry] of [...moved].toReversed()) {
      if (!together && !obstacles.has(id)) continue;
      moved.delete(id);
      if (registry.trash.moveBack(entry) === 'restored') putBack.set(id, obstacles.get(id) ?? []);
      else stuck.push(id);
    }
  }
  registry.trash.sync();
  return { moved: [...moved.keys(), ...stuck], putBack };
}

const numberOf = (id: string): number => experimentNumber(id) ?? 0;

async function newObstacles(
  moved: ReadonlyMap<string, TrashEntry>,
  needs: Needs,
  { registry, force }: { readonly registry: Registry; readonly force: boolean },
): Promise<ReadonlyMap<string, readonly Obstacle[]>> {
  const found = new Map<string, readonly Obstacle[]>();
  const going = new Set(moved.keys());
  for (const [id, entry] of moved) {
    const owner = await registry.trash.ownerOf(entry);
    const obstacles = [...(owner === undefined ? [] : [isRunning(id, owner)]), ...needs.obstacles(id, going)];
    const standing = obstacles.filter(({ yields }) => !yields || !force);
    if (standing.length > 0) found.set(id, standing);
  }
  return found;
}
