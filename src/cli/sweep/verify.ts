import { counted } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { Registry } from '../../registry/index.ts';
import { objectiveIn } from '../../sweep/result.ts';
import type { OpenedSweep } from '../../sweep/stored.ts';
import { verifySuggestions } from '../../sweep/verify.ts';
import type { Io } from '../io.ts';

/** Proves a sweep's suggestions and compares its journal with its experiments; returns the exit code. */
export async function verifySweep(sweep: OpenedSweep, registry: Registry, io: Io): Promise<number> {
  const { definition, journal } = sweep;
  const { suggestions, starts, faults } = verifySuggestions(definition, journal);
  const { differing, gone } = await compareResults(sweep, registry);
  const all = [...faults, ...differing];
  for (const fault of all) io.stdout.write(`${printable(fault)}\n`);
  if (gone.length > 0)
    io.stdout.write(`not here any more, their results are in the journal: ${gone.join(', ')}\n`);
  if (all.length === 0)
    io.stdout.write(
      `${definition.id}: ok: ${counted(suggestions, 'suggestion')} and ${counted(starts, 'start')} follow from the results before them\n`,
    );
  return all.length === 0 ? 0 : 1;
}

async function compareResults(
  { definition, state }: OpenedSweep,
  registry: Registry,
): Promise<{ readonly differing: readonly string[]; readonly gone: readonly string[] }> {
  const ids = new Set(registry.ids());
  const differing: string[] = [];
  const gone: string[] = [];
  for (const { experiment, value, status } of state.trials) {
    if (experiment === undefined || status !== 'finished') continue;
    if (!ids.has(experiment)) gone.push(experiment);
    else {
      const entry = await registry.entry(experiment);
      if (entry === undefined || 'problem' in entry) continue;
      const now = objectiveIn(entry.record, definition.objective);
      if (!Object.is(now, value))
        differing.push(
          `${experiment}: its ${definition.objective.metric} is ${now}, and ${value} in the journal`,
        );
    }
  }
  return { differing, gone };
}
