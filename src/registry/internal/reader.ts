import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { experimentNumber } from './ids.ts';
import { namesIn } from '../../storage/names-in.ts';
import { metricsPath, recordPath } from './paths.ts';
import { newestMetrics } from './newest-metrics.ts';
import { readRecord } from './record.ts';
import { shownStatus } from './status.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import type { Entry, StoredExperiment } from '../stored.ts';

/** Ids of the experiments in a folder, smallest number first; none where there is no folder. */
export function experimentIds(registry: string): string[] {
  return onStorage('read', registry, () => namesIn(registry))
    .flatMap(name => {
      const number = experimentNumber(name);
      return number === undefined ? [] : [{ name, number }];
    })
    .sort((a, b) => a.number - b.number)
    .map(({ name }) => name);
}

/** One experiment by its record; undefined when there is no such folder. */
export const readEntry = (registry: string, id: string): Promise<Entry | undefined> =>
  readEntryIn(join(registry, id), id);

/** The same for a folder anywhere, such as in the trash. */
export async function readEntryIn(dir: string, id: string): Promise<Entry | undefined> {
  const entry = await readOnce(dir, id);
  // The process may have written its end and exited between the two reads; by now the record is final.
  return entry !== undefined && 'status' in entry && entry.status === 'crashed' ? readOnce(dir, id) : entry;
}

async function readOnce(dir: string, id: string): Promise<Entry | undefined> {
  const reading = await readRecord(recordPath(dir), id);
  if ('problem' in reading) return existsSync(dir) ? { id, dir, ...reading } : undefined;
  return { id, dir, ...reading, status: shownStatus(reading.record) };
}

/** The experiment with the metrics of all its points: while it runs, and after a crash, the record is behind. */
export function withNewestMetrics(experiment: StoredExperiment): StoredExperiment {
  const { record, dir } = experiment;
  if (record.status !== 'running') return experiment;
  return { ...experiment, record: { ...record, metrics: newestMetrics(metricsPath(dir), record) } };
}
