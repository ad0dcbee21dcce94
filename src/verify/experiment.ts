import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stampOf } from '../storage/file-hashes.ts';
import {
  artifactsDir,
  METRICS,
  metricsPath,
  recordPath,
  type Registry,
  type StoredExperiment,
} from '../registry/index.ts';
import { readDocument } from './documents.ts';
import type { FileChecker } from './file-checker.ts';
import { Findings } from './findings.ts';
import type { Report } from './report.ts';
import { checkStage, hasEnded } from './stage.ts';
import { checkSteps } from './steps.ts';

const RECORD = 'experiment.json';
/** Most checks of an experiment that is being written before its problems are reported. */
const TRIES = 3;

/** Compares everything in an experiment's records with its files. Undefined when it was removed meanwhile. */
export async function verifyExperiment(
  registry: Registry,
  id: string,
  checker: FileChecker,
): Promise<Report | undefined> {
  const dir = join(registry.dir, id);
  for (let tries = 1; ; tries++) {
    const stamp = recordStamp(dir);
    const report = await verifyOnce(registry, id, checker);
    if (report === undefined || report.problems.length === 0) return report;
    // Removed, resumed or ended in between: the first reading is outdated.
    if (!existsSync(dir)) return undefined;
    if (recordStamp(dir) === stamp || tries === TRIES) return report;
  }
}

function recordStamp(dir: string): string {
  const status = statSync(recordPath(dir), { bigint: true, throwIfNoEntry: false });
  return status === undefined ? '' : stampOf(status);
}

async function verifyOnce(registry: Registry, id: string, checker: FileChecker): Promise<Report | undefined> {
  const entry = await registry.entry(id);
  if (entry === undefined) return undefined;
  const { dir } = entry;
  const findings = new Findings(checker, dir);
  const about = { kind: 'experiment', name: id } as const;
  if ('problem' in entry) {
    const reading = readDocument(dir, RECORD);
    const invalid = { kind: 'changed', path: RECORD, words: `${id} ${entry.problem}` } as const;
    findings.problems.push('problem' in reading ? reading.problem : invalid);
    return findings.toReport({ ...about, status: null, hint: entry.hint ?? hintWithoutRecord(dir) });
  }
  await checkRecord(entry, findings);
  await checkSources(entry, findings);
  for (const stage of entry.record.stages) await checkStage(entry, stage, findings, registry);
  await checkArtifacts(entry, findings);
  await checkPoints(entry, findings);
  checkSteps(entry, findings, registry);
  return findings.toReport({ ...about, status: entry.status, hint: hintFor(entry, findings) });
}

function hintWithoutRecord(dir: string): string {
  const resolved = join(dir, 'resolved.yaml');
  return existsSync(resolved)
    ? `pipe run ${resolved} runs it again`
    : 'copy its folder again from where it came from';
}

async function checkRecord({ dir, record }: StoredExperiment, findings: Findings): Promise<void> {
  const reading = readDocument(dir, RECORD);
  if ('problem' in reading) findings.problems.push(reading.problem);
  await findings.check([
    { path: 'pipeline.yaml', sha256: record.pipeline.sha256 },
    { path: 'resolved.yaml', sha256: record.pipeline.resolvedSha256 },
  ]);
}

/** Checks the points, which are hashed when the experiment ends. */
async function checkPoints(
  { dir, record: { metricsFile, status } }: StoredExperiment,
  findings: Findings,
): Promise<void> {
  if (metricsFile !== undefined) await findings.check([{ path: METRICS, ...metricsFile }]);
  else if (!existsSync(metricsPath(dir)))
    findings.problems.push({ kind: 'missing', path: METRICS, words: '' });
  else (status === 'running' ? findings.unfinished : findings.withoutHashes).push(METRICS);
}

/** Checks the copies of the pipeline's source files. */
async function checkSources({ dir, record }: StoredExperiment, findings: Findings): Promise<void> {
  const files = [record, ...(record.resumes ?? [])].flatMap(({ git, source }) => {
    const copies = source?.files.flatMap(({ copy, ...file }) =>
      copy === undefined ? [] : [{ ...file, path: copy }],
    );
    return [...(git?.patch ? [git.patch] : []), ...(copies ?? [])];
  });
  await findings.check(files);
  const recorded = new Set(files.map(({ path }) => path));
  findings.noteUnexpected(join(dir, 'source'), path => recorded.has(path));
}

/** Checks artifacts, which may change until their stage has ended. */
async function checkArtifacts({ dir, record }: StoredExperiment, findings: Findings): Promise<void> {
  const ended = new Set(record.stages.filter(hasEnded).map(({ id }) => id));
  const artifacts = record.artifacts.filter(({ stage }) => ended.has(stage));
  await findings.check(artifacts);
  const recorded = new Set(artifacts.map(({ path }) => path));
  const isSettled = (path: string) => record.status !== 'running' || ended.has(path.split('/')[1] ?? '');
  findings.noteUnexpected(artifactsDir(dir), path => recorded.has(path) || !isSettled(path));
}

function hintFor({ id, record }: StoredExperiment, { problems }: Findings): string | null {
  if (problems.length === 0) return null;
  return problems.some(({ path }) => path === 'resolved.yaml')
    ? `pipe run ${record.pipeline.file} runs the pipeline again, as it is now`
    : `pipe reproduce ${id} makes it again`;
}
