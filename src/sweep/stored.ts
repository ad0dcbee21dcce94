/** Reads stored sweeps: what is damaged or newer is refused in words. */
import { Failure } from '../core/failure.ts';
import { isPlainObject } from '../core/shown.ts';
import type { Registry, StoredSweep } from '../registry/index.ts';
import type { SweepDefinition } from './definition.ts';
import { isNextEntry } from './journal-check.ts';
import type { JournalEntry } from './journal.ts';
import { SweepState } from './state.ts';

export interface OpenedSweep {
  readonly stored: StoredSweep;
  readonly definition: SweepDefinition;
  readonly journal: readonly JournalEntry[];
  readonly state: SweepState;
}

/** A sweep that cannot be read, and why. */
export interface Damage {
  readonly id: string;
  readonly damage: string;
}

/** @throws Failure for a sweep that does not exist, is damaged, or was made by a newer version. */
export function openSweep(registry: Pick<Registry, 'sweeps'>, id: string): OpenedSweep {
  const stored = registry.sweeps.read(id);
  const definition = definitionOf(stored);
  const state = new SweepState(definition);
  const journal: JournalEntry[] = [];
  for (const [index, entry] of stored.journal.entries()) {
    if (!isNextEntry(entry, state))
      throw damaged(
        id,
        `line ${index + 1} of ${stored.dir}/journal.jsonl does not follow from those before it`,
      );
    state.add(entry);
    journal.push(entry);
  }
  return { stored, definition, journal, state };
}

/** A sweep, or why it cannot be read. */
export function openOrDamage(registry: Pick<Registry, 'sweeps'>, id: string): OpenedSweep | Damage {
  try {
    return openSweep(registry, id);
  } catch (error) {
    if (error instanceof Failure && error.code === 'damaged-sweep') return { id, damage: error.message };
    throw error;
  }
}

/** The newest sweep of a registry. @throws Failure where there is none. */
export function newestSweep(registry: Pick<Registry, 'sweeps' | 'dir'>): string {
  const id = registry.sweeps.ids().at(-1);
  if (id !== undefined) return id;
  throw new Failure({
    code: 'no-sweeps',
    exitCode: 2,
    message: `there are no sweeps in ${registry.dir} yet`,
    hint: 'pipe sweep <file> makes the first',
  });
}

const isText = (value: unknown): value is string => typeof value === 'string';

function definitionOf({ id, dir, definition }: StoredSweep): SweepDefinition {
  const given = isPlainObject(definition) ? definition : {};
  const { schemaVersion, space, pipelines, seeds, where, objective } = given;
  if (typeof schemaVersion === 'number' && schemaVersion > 1)
    throw new Failure({
      code: 'newer-sweep',
      message: `${id} was made by a newer version of pipe`,
      hint: 'update pipe',
    });
  const hasLists = [space, pipelines, seeds, where].every(Array.isArray);
  const hasTexts = [given['name'], given['file'], given['cwd'], given['method']].every(isText);
  const hasObjective =
    isPlainObject(objective) && ['metric', 'stage', 'direction', 'at'].every(name => isText(objective[name]));
  if (schemaVersion === 1 && given['id'] === id && hasLists && hasTexts && hasObjective)
    return definition as SweepDefinition;
  throw damaged(id, `${dir}/sweep.json is no definition of a sweep`);
}

const damaged = (id: string, message: string): Failure =>
  new Failure({
    code: 'damaged-sweep',
    message: `${id} is damaged: ${message}`,
    hint: 'its experiments are whole; a new sweep of the same file takes over their results: pipe sweep <file> --new',
  });
