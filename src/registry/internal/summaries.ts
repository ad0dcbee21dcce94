import { firstLine } from '../../core/format.ts';
import { rmSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import { recordPath } from './paths.ts';
import type { MetricSummary } from '../../core/experiment.ts';
import { bestOf } from '../../core/metric-best.ts';
import { fileTime } from '../../host/file-clock.ts';
import { experimentIds, readEntry } from './reader.ts';
import { errorCode } from '../../storage/storage-failure.ts';
import type { IndexEntry, Stamp, Summary } from './summary-columns.ts';
import { recordedParameters } from './summary-parameters.ts';
import { stagingFolder, stagingPath } from '../../storage/staging.ts';
import { loadIndex, saveIndex } from './summary-index.ts';
import type {
  ExperimentSummary,
  RegistrySummary,
  StoredExperiment,
  UnreadableExperiment,
} from '../stored.ts';

/** Fewest newly read records for which the index is written again. */
const WORTH_SAVING = 50;

/**
 * Milliseconds. A file written more recently may be written again within the same tick of the file system's clock, and would look
 * the same.
 */
const SETTLED_AFTER = 2000;

/** Summaries of all experiments: from the index while the record is unchanged, else from the record. */
export async function summaries(registry: string): Promise<RegistrySummary> {
  const index = loadIndex(registry);
  const fresh: IndexEntry[] = [];
  const experiments: ExperimentSummary[] = [];
  const unreadable: UnreadableExperiment[] = [];
  const began = Date.now();
  let read = 0;
  for (const id of experimentIds(registry)) {
    const dir = `${registry}${sep}${id}`;
    const stamp = stampOf(dir);
    const known = stamp && index(id, stamp);
    if (known !== undefined) {
      fresh.push({ id, stamp: stamp as Stamp, summary: known });
      experiments.push({ id, dir, ...known });
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
    // Running experiments are read each time; crashed ones stay so until their record is written again.
    if (entry.status === 'running' || stamp === undefined) continue;
    fresh.push({ id, stamp, summary });
    read++;
  }
  if (read >= WORTH_SAVING) saveSettled(registry, fresh, began);
  return { experiments, unreadable };
}

/** @param began Start of reading, by this machine's clock. */
function saveSettled(registry: string, entries: readonly IndexEntry[], began: number): void {
  const offset = clockOffset(registry);
  const settled = entries.filter(({ stamp }) => stamp[3] <= began + offset - SETTLED_AFTER);
  if (settled.length >= WORTH_SAVING) saveIndex(registry, settled);
}

/** Milliseconds by which the clock of the registry's disk is ahead of this machine's. */
function clockOffset(registry: string): number {
  const staging = stagingFolder(registry);
  try {
    return fileTime(stagingPath(staging)) - Date.now();
  } catch (error) {
    // Nothing can be written there, and so no index.
    if (errorCode(error) === undefined) throw error;
    return 0;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The stamp of a record, read before it. Undefined on errors, which reading the record reports. */
function stampOf(dir: string): Stamp | undefined {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(recordPath(dir));
    return [ino, size, mtimeMs, ctimeMs];
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

function summarize({ record, status }: StoredExperiment): Summary {
  const { pipeline, createdAt, ms, seed, sweep = null, failure, stages } = record;
  const metrics = Object.values(record.metrics);
  const hasIntervals = metrics.some(
    ({ interval, minInterval, maxInterval }) => (interval ?? minInterval ?? maxInterval) !== undefined,
  );
  const reached = stages.find(stage => !['ran', 'reused', 'skipped'].includes(stage.status));
  return {
    status,
    pipeline: pipeline.name,
    createdAt,
    ms,
    seed,
    sweep,
    parameters: recordedParameters(record.parameters),
    metrics: {
      names: Object.keys(record.metrics),
      directions: metrics.map(({ direction }) => direction),
      stages: metrics.map(({ stage }) => stage),
      protocols: metrics.map(({ protocol }) => protocol ?? null),
      hasIntervals,
      values: Float64Array.from(metrics, ({ last }) => last),
      bounds: Float64Array.from(
        hasIntervals ? metrics.flatMap(({ interval }) => interval ?? [NaN, NaN]) : [],
      ),
      bests: Float64Array.from(metrics.flatMap(metric => bestNumbers(metric, hasIntervals))),
    },
    failure: failure === null ? null : { stage: failure.stage, message: firstLine(failure.message) },
    reached:
      reached === undefined
        ? null
        : { id: reached.id, ...(reached.progress === undefined ? {} : { progress: reached.progress }) },
  };
}

/** Best value, its step, and the bounds of its interval where any metric has one. */
function bestNumbers(metric: MetricSummary, hasIntervals: boolean): readonly number[] {
  const { value = NaN, step = NaN, interval = [NaN, NaN] } = bestOf(metric, metric.direction) ?? {};
  return [value, metric.count > 1 ? step : NaN, ...(hasIntervals ? interval : [])];
}
