import { resolve } from 'node:path';
import type { KindReference } from '../../core/artifacts/built-in.ts';
import type { ExperimentView } from '../../core/stage.ts';
import { findExperiment, readExperiment } from './find.ts';
import { promised } from './promised.ts';
import { experimentIds, readEntry } from './reader.ts';
import { summaries } from './summaries.ts';
import type {
  ExperimentWriter,
  Registry,
  RegistryListing,
  StoredExperiment,
  UnreadableExperiment,
} from '../types.ts';

/** Opens the registry in a folder, which need not exist yet. */
export function openRegistry(folder: string): Registry {
  const dir = resolve(folder);
  const find = (reference: string) => findExperiment(dir, reference);
  return {
    dir,
    find,
    view,
    claim: async given => {
      // Reading commands do without the writing side.
      const { claimWriter } = await import('./open-writer.ts');
      return claimWriter(dir, given);
    },
    reopen: async (id, reopening) => {
      const { reopenWriter } = await import('./open-writer.ts');
      return reopenWriter(dir, id, reopening);
    },
    list: () => list(dir),
    summaries: () => summaries(dir),
    read: id => readExperiment(dir, id),
    lookup: current => ({
      find: async reference => view(await find(reference)),
      current: () => promised(() => currentView(current)),
    }),
  };
}

async function list(registry: string): Promise<RegistryListing> {
  const experiments: StoredExperiment[] = [];
  const unreadable: UnreadableExperiment[] = [];
  for (const id of experimentIds(registry)) {
    const entry = await readEntry(registry, id);
    if (entry === undefined) continue;
    if (!('problem' in entry)) experiments.push(entry);
    else unreadable.push(entry);
  }
  return { experiments, unreadable };
}

function view({ record, dir, status }: StoredExperiment): ExperimentView {
  return { record, dir, status, outputs: outputsIn({ record, dir }) };
}

function currentView(writer: ExperimentWriter): ExperimentView {
  const { record, dir } = writer;
  return { record, dir, outputs: outputsIn({ record, dir }) };
}

/** Most commands ask for no outputs, whose kinds are declared by TypeBox. */
function outputsIn(experiment: Pick<StoredExperiment, 'record' | 'dir'>): ExperimentView['outputs'] {
  return async <R extends KindReference>(kind?: R) => {
    const { outputsOf } = await import('./outputs.ts');
    return outputsOf(experiment, kind);
  };
}
