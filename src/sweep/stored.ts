/** Reads stored sweeps: what is damaged or newer is refused in words. */
import { Failure } from '../core/failure.ts';
import type { Registry, StoredSweep } from '../registry/index.ts';
import type { SweepDefinition } from './definition.ts';
import type { JournalEntry } from './journal.ts';
import { SweepState } from './state.ts';

export interface OpenedSweep {
  readonly stored: StoredSweep;
  readonly definition: SweepDefinition;
  readonly journal: readonly JournalEntry[];
  readonly state: SweepState;
}

/** @throws Failure for a sweep that does not exist, is damaged, or was made by a newer version. */
export function openSweep(registry: Pick<Registry, 'sweeps'>, id: string): OpenedSweep {
  const stored = registry.sweeps.read(id);
  const definition = definitionOf(stored);
  const journal = stored.journal.map((entry, index) => entryOf(entry, index + 1, stored));
  return { stored, definition, journal, state: new SweepState(definition, journal) };
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

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function definitionOf({ id, dir, definition }: StoredSweep): SweepDefinition {
  const { schemaVersion, space, pipelines, objective, seeds } = isRecord(definition) ? definition : {};
  if (typeof schemaVersion === 'number' && schemaVersion > 1)
    throw new Failure({
      code: 'newer-sweep',
      message: `${id} was made by a newer version of pipe`,
      hint: 'update pipe',
    });
  const isWhole =
    [space, pipelines, seeds].every(Array.isArray) && isRecord(objective) && schemaVersion === 1;
  if (isWhole) return definition as SweepDefinition;
  throw damaged(id, `${dir}/sweep.json is no definition of a sweep`);
}

const TYPES: ReadonlySet<unknown> = new Set<JournalEntry['type']>([
  'opened',
  'suggested',
  'refused',
  'started',
  'ended',
  'closed',
  'completed',
]);

/** Fields that an entry of a type has, beside its time. */
const NUMBERS: Readonly<Partial<Record<JournalEntry['type'], readonly string[]>>> = {
  suggested: ['point', 'draw'],
  refused: ['draw'],
  started: ['point', 'repeat'],
  ended: ['point', 'repeat'],
};

function entryOf(value: unknown, line: number, { id, dir }: StoredSweep): JournalEntry {
  if (isRecord(value) && TYPES.has(value['type']) && typeof value['at'] === 'string') {
    const entry = value as unknown as JournalEntry;
    const names = NUMBERS[entry.type] ?? [];
    if (names.every(name => Number.isInteger(value[name]))) return entry;
  }
  throw damaged(id, `line ${line} of ${dir}/journal.jsonl is no entry of a journal`);
}

const damaged = (id: string, message: string): Failure =>
  new Failure({
    code: 'damaged-sweep',
    message: `${id} is damaged: ${message}`,
    hint: 'its experiments are whole; a new sweep of the same file takes over their results: pipe sweep <file> --new',
  });
