import { Failure, type Problem } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { experimentNumber, type Registry, type TrashEntry } from '../registry/index.ts';
import { usesOf } from './survey.ts';

/** Fewest characters of a fingerprint that identify it. */
const SHORTEST = 6;

export interface Restored {
  readonly things: readonly TrashEntry[];
  /** Cache entries that stay in the trash, as new ones have taken their place. */
  readonly left: readonly TrashEntry[];
  /** Missing experiments whose folders hold outputs of restored ones. */
  readonly missing: readonly {
    readonly id: string;
    readonly neededBy: string;
    readonly isInTrash: boolean;
  }[];
}

/**
 * Finds things to restore: by an experiment's id, the beginning of a fingerprint or a name in the trash; without names
 * everything. Writes nothing.
 * @throws Failure, exit code 2, for each name that is missing, ambiguous or whose place is taken.
 */
export function planRestoring(registry: Registry, names?: readonly string[]): readonly TrashEntry[] {
  const entries = registry.trash.entries();
  const problems: Problem[] = [];
  const chosen = new Set(names === undefined ? newestOfEach(entries) : []);
  for (const name of names ?? []) {
    const [entry, ...others] = newestOfEach(entries.filter(each => isCalled(each, name)));
    if (entry === undefined) problems.push(notThere(registry, name));
    else if (others.length > 0) problems.push(ambiguous(name, [entry, ...others]));
    else chosen.add(entry);
  }
  const places = new Map<string, TrashEntry>();
  for (const entry of chosen) {
    if (entry.kind !== 'experiment') continue;
    const place = registry.trash.placeOf(entry);
    const other = places.get(place);
    places.set(place, entry);
    if (other !== undefined) problems.push(ambiguous(entry.name, [other, entry]));
    else if (registry.trash.isInPlace(entry)) problems.push(isTaken(entry, place));
  }
  if (problems.length > 0)
    throw new Failure({ code: 'not-restored', exitCode: 2, message: 'nothing was restored', problems });
  return [...chosen].sort((a, b) => (experimentNumber(a.name) ?? 0) - (experimentNumber(b.name) ?? 0));
}

function isCalled({ name, entry, kind }: TrashEntry, text: string): boolean {
  return (
    text === name || text === entry || (kind === 'cache' && text.length >= SHORTEST && name.startsWith(text))
  );
}

/** Entries without older duplicates of a cache entry: all of one fingerprint are equivalent. */
function newestOfEach(entries: readonly TrashEntry[]): readonly TrashEntry[] {
  return entries.filter(
    entry => entry.kind === 'experiment' || entries.findLast(({ name }) => name === entry.name) === entry,
  );
}

function notThere(registry: Registry, name: string): Problem {
  const code = 'not-in-trash';
  const shown = printable(name.slice(0, 100));
  const isId = experimentNumber(name) !== undefined;
  if (isId && registry.trash.isInPlace({ kind: 'experiment', name }))
    return { code, message: `${shown} is in its place, not in the trash`, hint: `pipe show ${shown}` };
  const words = isId && registry.wasGiven(name) ? ': it was removed for good' : '';
  return { code, message: `"${shown}" is not in the trash${words}`, hint: 'pipe restore lists what is' };
}

const ambiguous = (name: string, entries: readonly TrashEntry[]): Problem => ({
  code: 'ambiguous',
  message: `${printable(name)} is in the trash ${entries.length === 2 ? 'twice' : `${entries.length} times`}`,
  hint: `choose one: ${entries.map(({ entry }) => `pipe restore ${entry}`).join(', or ')}`,
});

const isTaken = ({ name }: TrashEntry, place: string): Problem => ({
  code: 'place-taken',
  message: `there is something else at ${printable(place)}`,
  hint: `move it away, then: pipe restore ${name}`,
});

/** Moves things back from the trash, experiments with the cache entries of their stages. Returns what this process restored. */
export function restore(registry: Registry, chosen: readonly TrashEntry[]): Restored {
  const things: TrashEntry[] = [];
  const left: TrashEntry[] = [];
  const bring = (entry: TrashEntry): boolean => {
    const result = registry.trash.moveBack(entry);
    if (result === 'restored') things.push(entry);
    if (result === 'occupied') left.push(entry);
    return result === 'restored';
  };
  const used = new Map<string, string>();
  for (const entry of chosen) {
    if (!bring(entry) || entry.kind !== 'experiment') continue;
    const { experiments, fingerprints } = usesOf(entry.name, registry.trash.placeOf(entry), registry);
    for (const id of experiments) used.set(id, entry.name);
    for (const other of newestOfEach(registry.trash.entries()))
      if (fingerprints.has(other.name) && !chosen.includes(other) && !registry.trash.isInPlace(other))
        bring(other);
  }
  registry.trash.sync();
  const trashed = new Set(registry.trash.entries().map(({ name }) => name));
  const missing = [...used]
    .filter(([id]) => !registry.trash.isInPlace({ kind: 'experiment', name: id }))
    .map(([id, neededBy]) => ({ id, neededBy, isInTrash: trashed.has(id) }));
  return { things, left, missing };
}
