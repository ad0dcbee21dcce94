import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { experimentNumber, type Registry } from '../registry/index.ts';
import { freedBesidesTrash } from './freed.ts';
import { moveExperiments } from './move-experiments.ts';
import { Needs, type Obstacle } from './needs.ts';
import { survey, type Survey, type Surveyed } from './survey.ts';

/** An experiment to remove. */
export interface Removal extends Pick<Surveyed, 'id' | 'pipeline' | 'status'> {
  /** Bytes that emptying the trash frees for it. */
  readonly bytes: number;
  /** Ids of remaining reproductions, which do not need it. */
  readonly reproducedBy: readonly string[];
}

export interface RemovalPlan {
  readonly removals: readonly Removal[];
  readonly survey: Survey;
}

/**
 * Checks that experiments can be removed together. Writes nothing.
 * @param force Overrides tags, extensions, unreadable records and processes that are not visible from here; never a running
 * process or outputs of others in its folder.
 * @throws Failure, exit code 2, with all obstacles.
 */
export async function planRemoval(
  registry: Registry,
  ids: readonly string[],
  force: boolean,
): Promise<RemovalPlan> {
  const surveyed = await survey(registry);
  const going = new Set(ids);
  for (const id of going) if (!surveyed.experiments.has(id)) await refuseUnknown(registry, id);
  const needs = new Needs(surveyed);
  const standing = new Map(
    [...going].map(id => [id, needs.obstacles(id, going).filter(({ yields }) => !yields || !force)]),
  );
  refuse(standing);
  const freed = freedBesidesTrash(registry);
  const removals = [...going].flatMap(id => {
    const experiment = surveyed.experiments.get(id);
    if (experiment === undefined) return [];
    const { pipeline, status } = experiment;
    const bytes = freed.add(registry.trash.placeOf({ kind: 'experiment', name: id }));
    const reproducedBy = needs.reproductions(id).filter(each => !going.has(each));
    return [{ id, pipeline, status, bytes, reproducedBy }];
  });
  return { removals, survey: surveyed };
}

/**
 * Moves experiments to the trash, all or none. Returns those that this process moved.
 * @throws Failure, exit code 2, when one of them has become needed meanwhile.
 */
export async function remove(
  registry: Registry,
  { removals, survey: before }: RemovalPlan,
  force: boolean,
): Promise<readonly Removal[]> {
  const leaving = removals.map(({ id }) => ({ id, why: 'removed' }) as const);
  const { moved, putBack } = await moveExperiments(registry, leaving, before, { force, together: true });
  refuse(putBack);
  const [first] = removals;
  // Another process removed them all.
  if (moved.length === 0 && first !== undefined) await refuseUnknown(registry, first.id);
  return removals.filter(({ id }) => moved.includes(id));
}

/** @param standing Obstacles by experiment; empty for one that stays only because of others. */
function refuse(standing: ReadonlyMap<string, readonly Obstacle[]>): void {
  const problems = [...standing.values()].flat();
  if (problems.length === 0) return;
  const others = [...standing].filter(([, obstacles]) => obstacles.length === 0).map(([id]) => id);
  throw new Failure({
    code: 'not-removed',
    exitCode: 2,
    message: 'nothing was removed',
    details: others.length === 0 ? [] : [`all or none: ${others.join(', ')} could have gone`],
    problems,
  });
}

async function refuseUnknown(registry: Registry, id: string): Promise<void> {
  if (experimentNumber(id) !== undefined) await registry.read(id);
  const { id: meant } = await registry.find(id);
  throw new Failure({
    code: 'bad-reference',
    exitCode: 2,
    message: `"${printable(id)}" is ${meant}: what is removed is named by its number`,
    hint: `pipe rm ${meant}`,
  });
}
