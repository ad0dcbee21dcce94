import { statSync } from 'node:fs';
import { join } from 'node:path';
import { recordPath } from './paths.ts';
import { experimentIds, readEntry } from './reader.ts';
import { loadIndex, saveIndex, type Index, type IndexEntry } from './summary-index.ts';
import { errorCode } from './storage-failure.ts';
import type { ExperimentSummary, RegistrySummary, StoredExperiment, UnreadableExperiment } from './types.ts';

/** Reading fewer records than this costs less than writing the index again. */
const WORTH_SAVING = 50;

/** Every experiment in short: from the index where its record is the one that was indexed, else read. */
export async function summaries(registry: string): Promise<RegistrySummary> {
  const index = loadIndex(registry);
  const fresh: Index = new Map();
  const experiments: ExperimentSummary[] = [];
  const unreadable: UnreadableExperiment[] = [];
  let read = 0;
  for (const id of experimentIds(registry)) {
    const dir = join(registry, id);
    const stamp = stampOf(dir);
    const known = index.get(id);
    if (known !== undefined && known.stamp === stamp) {
      fresh.set(id, known);
      experiments.push({ id, dir, ...known.summary });
      continue;
    }
    const entry = await readEntry(registry, id);
    if (entry === undefined) continue;
    if ('problem' in entry) {
      unreadable.push(entry);
      continue;
    }
    const summary = summarize(entry);
    experiments.push({ id, dir, ...summary });
    // What runs is told anew each time; what crashed stays so until its record is written again.
    if (entry.status === 'running') continue;
    fresh.set(id, { stamp, summary });
    read++;
  }
  if (read >= WORTH_SAVING) saveIndex(registry, fresh);
  return { experiments, unreadable };
}

/** Tells one version of a record from another: every write makes a new file. Read before the record. */
function stampOf(dir: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(recordPath(dir));
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return ''; // What is wrong there is told by reading it.
  }
}

function summarize({ record, status }: StoredExperiment): IndexEntry['summary'] {
  const { pipeline, createdAt, ms, metrics, failure, stages } = record;
  const reached = stages.find(stage => !['ran', 'reused', 'skipped'].includes(stage.status));
  return {
    status,
    pipeline: pipeline.name,
    createdAt,
    ms,
    metrics: Object.fromEntries(
      Object.entries(metrics).map(([name, { last, direction }]) => [name, { last, direction }]),
    ),
    failure: failure === null ? null : { stage: failure.stage, message: firstLine(failure.message) },
    reached:
      reached === undefined
        ? null
        : { id: reached.id, ...(reached.progress === undefined ? {} : { progress: reached.progress }) },
  };
}

const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';
