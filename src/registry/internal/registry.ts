import { resolve } from 'node:path';
import type { Artifact } from '../../core/artifacts.ts';
import type { ExperimentView } from '../../core/stage.ts';
import { findExperiment, readExperiment } from './find.ts';
import { promised } from './promised.ts';
import { experimentIds, readEntry } from './reader.ts';
import { readOutputs } from './stage-outputs.ts';
import { hasResult } from './status.ts';
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
  return { record, dir, status, outputs: () => promised(() => allOutputs({ record, dir })) };
}

function currentView(writer: ExperimentWriter): ExperimentView {
  const { record, dir } = writer;
  return { record, dir, outputs: () => promised(() => allOutputs({ record, dir })) };
}

function allOutputs({ record, dir }: Pick<StoredExperiment, 'record' | 'dir'>): {
  readonly stage: string;
  readonly name: string;
  readonly artifact: Artifact;
}[] {
  return record.stages
    .filter(hasResult)
    .flatMap(({ id }) =>
      Object.entries(readOutputs(dir, id)).map(([name, artifact]) => ({ stage: id, name, artifact })),
    );
}
