/** Check of the order of points in metrics.jsonl: concurrent writers repeat steps. */
import {
  METRICS,
  metricsPath,
  type Registry,
  type StoredExperiment,
  type StoredPoint,
} from '../registry/index.ts';
import { problemOf } from './file-checker.ts';
import type { Findings } from './findings.ts';

/** The points of one metric. */
interface Series {
  readonly stage: string;
  readonly metric: string;
  count: number;
  highest: number;
  /** Number of points at or below the highest step before them, and the first one. */
  behind: number;
  first?: { readonly line: number; readonly step: number; readonly after: number };
}

/**
 * Finds points whose steps do not rise, only where a resume may have met a process that was still writing, and not in metrics
 * recorded as unordered.
 */
export function checkSteps(
  { id, dir, record }: StoredExperiment,
  { problems }: Findings,
  registry: Registry,
): void {
  const isAlone = (record.resumes ?? []).length === 0 && registry.takeovers(id) === 0;
  // A missing or unreadable file is reported already.
  if (isAlone || problems.some(({ path }) => path === METRICS)) return;
  try {
    for (const series of seriesIn(registry.allPoints(id)).filter(({ behind }) => behind > 0))
      if (!isUnordered(series, record.metrics)) problems.push(problemWith(series));
  } catch (error) {
    problems.push(problemOf(error, METRICS, metricsPath(dir)));
  }
}

function seriesIn(points: Iterable<StoredPoint>): readonly Series[] {
  const stages = new Map<string, Map<string, Series>>();
  for (const stored of points) {
    const { stage, values } = stored.point;
    const ofStage = stages.get(stage) ?? new Map<string, Series>();
    stages.set(stage, ofStage);
    for (const metric of Object.keys(values)) {
      const series = ofStage.get(metric) ?? { stage, metric, count: 0, highest: -Infinity, behind: 0 };
      ofStage.set(metric, series);
      add(series, stored);
    }
  }
  return [...stages.values()].flatMap(series => [...series.values()]);
}

function add(series: Series, { point: { step }, number: line }: StoredPoint): void {
  series.count++;
  if (step <= series.highest) {
    series.behind++;
    series.first ??= { line, step, after: series.highest };
  } else series.highest = step;
}

const isUnordered = ({ stage, metric }: Series, metrics: StoredExperiment['record']['metrics']): boolean =>
  Object.entries(metrics).some(
    ([name, summary]) =>
      summary.steps === 'any' && summary.stage === stage && [metric, `${stage}.${metric}`].includes(name),
  );

function problemWith({ stage, metric, count, behind, first }: Series) {
  const { line, step, after } = first ?? { line: 0, step: 0, after: 0 };
  const many = `${behind} of its ${count} points do not rise, as more than one process wrote them`;
  return {
    kind: 'changed',
    path: `${METRICS}:${line}`,
    words: `stage ${stage} has ${metric} at step ${step} after step ${after}: ${many}`,
  } as const;
}
