import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentRecord } from '../core/experiment.ts';
import { Failure } from '../core/failure.ts';
import { experimentNumber } from './ids.ts';
import { visitPoints } from './metric-lines.ts';
import { MetricSummaries } from './metric-summary.ts';
import { namesIn } from './names-in.ts';
import { metricsPath, recordPath } from './paths.ts';
import { readRecord } from './record.ts';
import { shownStatus } from './status.ts';
import { errorCode, onStorage } from './storage-failure.ts';
import type { StoredExperiment, UnreadableExperiment } from './types.ts';

export type Entry = StoredExperiment | UnreadableExperiment;

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

/** One experiment as its record says; undefined when there is no such folder. */
export async function readEntry(registry: string, id: string): Promise<Entry | undefined> {
  const dir = join(registry, id);
  const reading = await readRecord(recordPath(dir), id);
  if ('problem' in reading) return existsSync(dir) ? { id, dir, ...reading } : undefined;
  return { id, dir, ...reading, status: shownStatus(reading.record) };
}

/** The same with the metrics of all its points: while an experiment runs, and after a crash, the record is behind. */
export function withNewestMetrics(experiment: StoredExperiment): StoredExperiment {
  const { record, dir } = experiment;
  if (record.status !== 'running') return experiment;
  return { ...experiment, record: { ...record, metrics: summarizePoints(dir, record.metrics) } };
}

function summarizePoints(dir: string, known: ExperimentRecord['metrics']): ExperimentRecord['metrics'] {
  const summaries = new MetricSummaries();
  try {
    visitPoints(metricsPath(dir), point => summaries.add(point.stage, point, {}));
  } catch (error) {
    // The record's own summaries are the best there are then.
    if (!(error instanceof Failure) && errorCode(error) === undefined) throw error;
    return known;
  }
  const fresh = Object.entries(summaries.toRecord()).map(([name, summary]) => {
    const { description, direction, unit } = (Object.hasOwn(known, name) && known[name]) || summary;
    return [name, { ...summary, description, direction, unit }] as const;
  });
  return { ...known, ...Object.fromEntries(fresh) };
}
