import { isDeepStrictEqual } from 'node:util';
import type { FileRecord } from '../../core/experiment.ts';
import type { AnyStage } from '../../core/stage.ts';
import type { Plan, PlannedStage } from '../../plan/plan.ts';
import { hasResult, type Registry, type StoredExperiment } from '../../registry/index.ts';
import { stageRecord } from '../stage-record.ts';
import { likelyCauses } from './causes.ts';
import { compareMetrics } from './metrics.ts';
import { isStageEqual, type FileDifference, type OutputDifference, type StageComparison } from './report.ts';
import type { Change, Reproduction } from './report.ts';
import { ResultsReader, type Results } from './results.ts';

/** Compares each stage's results in an experiment with those of its reproduction. */
export async function compareRuns(
  { stages }: Plan,
  original: StoredExperiment,
  repeated: StoredExperiment,
  registry: Registry,
  changes: readonly Change[],
): Promise<Reproduction> {
  const reader = new ResultsReader(registry);
  const compared: StageComparison[] = [];
  const damaged: string[] = [];
  for (const planned of stages.filter(({ id }) => hasResult(stageRecord(original, id)))) {
    const then = await reader.read(original, planned.id);
    if (typeof then !== 'string') for (const path of await reader.damaged(then)) damaged.push(path);
    compared.push(await compareStage(planned, then, repeated, reader));
  }
  const left = stages.filter(({ id }) => !hasResult(stageRecord(original, id))).map(({ id }) => id);
  const isEqual = compared.every(isStageEqual);
  const causes = likelyCauses(stages, compared, [repeated, original], changes);
  const ids = { original: original.id, repeated: repeated.id };
  return { ...ids, isEqual, stages: compared, left, damaged, causes, changes };
}

async function compareStage(
  { id, stage }: PlannedStage,
  then: Results | string,
  repeated: StoredExperiment,
  reader: ResultsReader,
): Promise<StageComparison> {
  if (typeof then === 'string') return notCompared(id, then);
  const again = stageRecord(repeated, id);
  if (!hasResult(again))
    return notCompared(id, `it has no result in ${repeated.id} (${again?.status ?? 'absent'})`);
  const now = await reader.read(repeated, id);
  if (typeof now === 'string') return notCompared(id, now);
  const isTime = (metric: string) => declaredMetrics(stage)[metric]?.wallClock === true;
  const { points, differences: metrics } = compareMetrics(then.points, now.points, isTime);
  const paths = [...new Set([...then.files.keys(), ...now.files.keys()])].sort();
  const apart = paths.filter(path => isNondeterministic(stage, id, path));
  const fixed = paths.filter(path => !apart.includes(path));
  const equal = fixed.filter(path => then.files.get(path)?.sha256 === now.files.get(path)?.sha256);
  return {
    stage: id,
    obstacle: null,
    equal: { ...counted(id, equal, then.files), points },
    nondeterministicFiles: counted(id, apart, then.files).files,
    files: fileDifferences(fixed, id, then.files, now.files),
    outputs: outputDifferences(then.outputs, now.outputs),
    metrics,
  };
}

const declaredMetrics = ({ metrics = {} }: AnyStage): NonNullable<AnyStage['metrics']> => metrics;

function notCompared(stage: string, obstacle: string): StageComparison {
  const equal = { files: 0, bytes: 0, points: 0 };
  return { stage, obstacle, equal, nondeterministicFiles: 0, files: [], outputs: [], metrics: [] };
}

const outputPrefix = (stage: string) => `stages/${stage}/output/`;
const publishedPrefix = (stage: string) => `artifacts/${stage}/`;

/** A file's path within the output folder, for the file there or its publication. */
function pathInOutput(stage: string, path: string): string {
  const prefix = [outputPrefix(stage), publishedPrefix(stage)].find(each => path.startsWith(each));
  return path.slice(prefix?.length ?? 0);
}

function isNondeterministic({ nondeterministicFiles = [] }: AnyStage, id: string, path: string): boolean {
  const own = pathInOutput(id, path);
  return nondeterministicFiles.some(each => (each.endsWith('/') ? own.startsWith(each) : own === each));
}

/** Counts files; a file in the output folder and its publication count once. */
function counted(
  stage: string,
  paths: readonly string[],
  files: ReadonlyMap<string, FileRecord>,
): { readonly files: number; readonly bytes: number } {
  const sizes = new Map(paths.map(path => [pathInOutput(stage, path), files.get(path)?.bytes ?? 0]));
  return { files: sizes.size, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
}

/** Differing files. A publication is a second name of an output file: a difference in both is reported once. */
function fileDifferences(
  paths: readonly string[],
  stage: string,
  then: Results['files'],
  now: Results['files'],
): FileDifference[] {
  const differ = paths.filter(path => then.get(path)?.sha256 !== now.get(path)?.sha256);
  const reported = new Set(differ.filter(path => path.startsWith(outputPrefix(stage))));
  return differ
    .filter(path => reported.has(path) || !reported.has(outputPrefix(stage) + pathInOutput(stage, path)))
    .map(path => {
      const [original, repeated] = [then.get(path)?.bytes, now.get(path)?.bytes];
      return {
        path,
        ...(original !== undefined && { original }),
        ...(repeated !== undefined && { repeated }),
      };
    });
}

function outputDifferences(then: Results['outputs'], now: Results['outputs']): OutputDifference[] {
  return [...new Set([...Object.keys(then), ...Object.keys(now)])].flatMap(output => {
    const [before = {}, after = {}] = [then[output], now[output]];
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter(field => !isDeepStrictEqual(before[field], after[field]))
      .map(field => ({ name: `${output}.${field}`, original: before[field], repeated: after[field] }));
  });
}
