import { resolve } from 'node:path';
import type { KindReference } from '../../core/artifacts/built-in.ts';
import type { ExperimentView } from '../../core/stage.ts';
import type { Followed, RegistryListing, StoredExperiment, UnreadableExperiment } from '../stored.ts';
import type { Registry } from '../types.ts';
import type { ExperimentWriter } from '../writing.ts';
import { artifactFiles } from './artifact-files.ts';
import { newestAttempt } from './attempts.ts';
import { findExperiment, readExperiment } from './find.ts';
import { pointsIn, pointsOfStage } from './metric-lines.ts';
import { experimentDir } from './ids.ts';
import { wasGiven } from './numbers.ts';
import { metricsPath } from './paths.ts';
import { keepPicture, pictureIn } from './picture.ts';
import { promised } from './promised.ts';
import { readLog } from './read-log.ts';
import { readPoints } from './read-points.ts';
import { experimentIds, readEntry } from './reader.ts';
import { stageTexts } from './stage-texts.ts';
import { summaries } from './summaries.ts';
import { openSweeps } from './sweeps.ts';
import { openTags } from './tags.ts';
import { openTrash } from './trash.ts';

/** Opens the registry in a folder, which need not exist yet. */
export function openRegistry(folder: string): Registry {
  const dir = resolve(folder);
  const find = (reference: string) => findExperiment(dir, reference);
  const folderOf = (id: string) => experimentDir(dir, id);
  return {
    dir,
    tags: openTags(dir),
    trash: openTrash(dir),
    sweeps: openSweeps(dir),
    ...writing(dir),
    ids: () => experimentIds(dir),
    wasGiven: id => wasGiven(dir, id),
    list: () => list(dir),
    summaries: () => summaries(dir),
    entry: id => readEntry(dir, id),
    read: id => readExperiment(dir, id),
    find,
    view,
    lookup: current => ({
      find: async reference => view(await find(reference)),
      current: () => promised(() => currentView(current)),
    }),
    results: async (id, stage) => {
      const { readResults } = await import('./stage-outputs.ts');
      return readResults(folderOf(id), stage);
    },
    artifact: async (id, stored) => {
      const { fromStored } = await import('./read-artifact.ts');
      return fromStored(folderOf(id), stored);
    },
    stageTexts,
    stageDocumentFault: async document => {
      const { stageDocumentFault } = await import('./stage-document-fault.ts');
      return stageDocumentFault(document);
    },
    published: (id, stage) => artifactFiles(folderOf(id), stage),
    picture: id => pictureIn(folderOf(id)),
    keepPicture: (id, svg) => {
      keepPicture(dir, id, svg);
    },
    allPoints: (id, stage) => ({
      [Symbol.iterator]: () =>
        stage === undefined ? pointsIn(metricsPath(folderOf(id))) : pointsOfStage(folderOf(id), stage),
    }),
    points: (id, from) => readPoints(folderOf(id), from),
    logs: (id, stage, from) => readLog(folderOf(id), stage, from),
    follow: id => following(dir, id),
    takeovers: id => newestAttempt(folderOf(id)),
  };
}

/** The writing side, imported on demand: commands that only read do not need it. */
const writing = (dir: string): Pick<Registry, 'claim' | 'reopen' | 'checkResumable' | 'closeDead'> => ({
  claim: async given => {
    const { claimWriter } = await import('./open-writer.ts');
    return claimWriter(dir, given);
  },
  reopen: async (id, reopening) => {
    const { reopenWriter } = await import('./open-writer.ts');
    return reopenWriter(dir, id, reopening);
  },
  checkResumable: async (experiment, force) => {
    const { checkResumable } = await import('./reopen.ts');
    checkResumable(experiment, force);
  },
  closeDead: async (id, death) => {
    const { closeDead } = await import('./close-dead.ts');
    return closeDead(dir, id, death);
  },
});

async function* following(dir: string, id: string): AsyncGenerator<Followed> {
  const { follow } = await import('./follow.ts');
  yield* follow(dir, id);
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

/** Imported on demand: most commands need no outputs, whose kinds are declared with TypeBox. */
function outputsIn(experiment: Pick<StoredExperiment, 'record' | 'dir'>): ExperimentView['outputs'] {
  return async <R extends KindReference>(kind?: R) => {
    const { outputsOf } = await import('./outputs.ts');
    return outputsOf(experiment, kind);
  };
}
