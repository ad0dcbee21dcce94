import type { ExperimentRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import { pointsIn } from './metric-lines.ts';
import { MetricSummaries } from './metric-summary.ts';
import { Cursor } from '../../storage/growing-file.ts';
import type { MetricPoint } from '../stored.ts';
import { pointsFrom } from './read-points.ts';
import { errorCode } from '../../storage/storage-failure.ts';

type Metrics = ExperimentRecord['metrics'];

/** Bytes to read first, before the new points, for their tails; doubled until they suffice. */
const LOOK_BACK = 1 << 20;

/**
 * The summaries of a running or crashed experiment: the record's, continued with later points. Where the record does not say how
 * much of the file its summaries cover, all points are read.
 */
export function newestMetrics(
  path: string,
  { metrics, metricsRead }: Pick<ExperimentRecord, 'metrics' | 'metricsRead'>,
  lookBack = LOOK_BACK,
): Metrics {
  try {
    const newest = metricsRead === undefined ? undefined : continued(path, metrics, metricsRead, lookBack);
    return newest ?? summarized(path, metrics);
  } catch (error) {
    // The record's own summaries are the best available.
    if (!(error instanceof Failure) && errorCode(error) === undefined) throw error;
    return metrics;
  }
}

/** Undefined where the summaries are of a different file. */
function continued(path: string, known: Metrics, from: number, lookBack: number): Metrics | undefined {
  const summaries = MetricSummaries.from(known);
  for (const { points, isRewritten } of new Cursor(from).pieces(at => pointsFrom(path, at))) {
    if (isRewritten) return undefined;
    for (const { point } of points) summaries.add(point.stage, point, {});
  }
  for (let start = from, back = lookBack; summaries.isIncomplete && start > 0; back *= 2) {
    start = Math.max(0, from - back);
    summaries.setEarlier(pointsBetween(path, start, from));
  }
  return summaries.toRecord();
}

/** Points that begin before `start` are left out. */
function* pointsBetween(path: string, start: number, end: number): Generator<MetricPoint> {
  for (const stored of pointsIn(path, { from: start })) {
    if (stored.start >= end) return;
    yield stored.point;
  }
}

function summarized(path: string, known: Metrics): Metrics {
  const summaries = new MetricSummaries();
  for (const { point } of pointsIn(path)) summaries.add(point.stage, point, {});
  const fresh = Object.entries(summaries.toRecord()).map(([name, summary]) => {
    const { description, direction, unit, measuresTime, steps } =
      (Object.hasOwn(known, name) && known[name]) || summary;
    const declared = {
      description,
      direction,
      unit,
      ...(measuresTime && { measuresTime }),
      ...(steps && { steps }),
    };
    return [name, { ...summary, ...declared }] as const;
  });
  return { ...known, ...Object.fromEntries(fresh) };
}
