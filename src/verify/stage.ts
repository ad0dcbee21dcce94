import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StageRecord } from '../core/experiment.ts';
import { isInside } from '../storage/inside.ts';
import { outputDir, type Registry, type StoredExperiment } from '../registry/index.ts';
import { readStage, type Stage } from './documents.ts';
import type { Findings } from './findings.ts';
import { checkOutputs } from './outputs.ts';

/** True once a stage has ended in any way. */
export const hasEnded = ({ status }: StageRecord): boolean => status !== 'pending' && status !== 'running';

/** Compares stage.json with the record, and the stage's outputs with stage.json. */
export async function checkStage(
  { id: experiment, dir }: StoredExperiment,
  stage: StageRecord,
  findings: Findings,
  registry: Registry,
): Promise<void> {
  const { id, status } = stage;
  // A stage that was stopped immediately has no stage.json, or an earlier attempt's.
  const mayLackRecord = status === 'failed' || status === 'interrupted';
  const path = `stages/${id}/stage.json`;
  if (!isInside(join(dir, 'stages'), join(dir, 'stages', id))) {
    findings.problems.push({ kind: 'unreadable', path, words: 'it leads out of its folder' });
    return;
  }
  if (!hasEnded(stage)) {
    findings.unfinished.push(id);
    return;
  }
  const reading = await readStage(dir, path, registry);
  if ('problem' in reading) {
    if (mayLackRecord && reading.problem.kind === 'missing') findings.unfinished.push(id);
    else findings.problems.push(reading.problem);
    return;
  }
  const { document } = reading;
  if (document.status !== status || document.startedAt !== stage.startedAt) {
    if (mayLackRecord) findings.unfinished.push(id);
    else
      findings.problems.push({
        kind: 'changed',
        path,
        words: 'it belongs to a different attempt than experiment.json',
      });
    return;
  }
  await checkFiles(dir, id, document, findings);
  await checkOutputs({ experiment, dir, path, document }, findings, registry);
}

async function checkFiles(
  dir: string,
  id: string,
  { files, status, checksum }: Stage,
  findings: Findings,
): Promise<void> {
  const output = outputDir(dir, id);
  if (files === undefined) {
    if (status === 'skipped' || !existsSync(output)) return;
    // With a checksum the record is recent, and the stage was still running when it was abandoned.
    (checksum === undefined ? findings.withoutHashes : findings.unfinished).push(id);
    return;
  }
  await findings.check(files);
  const recorded = new Set(files.map(({ path }) => path));
  findings.noteUnexpected(output, path => recorded.has(path));
}
