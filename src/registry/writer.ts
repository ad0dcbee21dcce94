import { cpSync, constants, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { MetricEvent, ProgressEvent } from '../core/events.ts';
import type { ExperimentRecord, StageRecord } from '../core/experiment.ts';
import { checkFolder, replaceFile, syncFolder } from './atomic.ts';
import { claim, type Claim } from './claim.ts';
import { FileHashes } from './file-hashes.ts';
import { checkSegment } from './ids.ts';
import { Logs } from './logs.ts';
import { makeFolders } from './make-folders.ts';
import { filterMetricLines } from './metric-lines.ts';
import {
  artifactsDir,
  METRICS,
  metricsPath,
  outputDir,
  recordPath,
  stageDir,
  stageRecordPath,
} from './paths.ts';
import { Points } from './points.ts';
import { publish } from './publish.ts';
import { serializeRecord } from './record.ts';
import { reopen, type Reopened } from './reopen.ts';
import { promised } from './promised.ts';
import { readOutputs, serializeStage, type StageOutputs } from './stage-outputs.ts';
import { onStorage } from './storage-failure.ts';
import { stagingFolder, stagingPath } from './staging.ts';
import type {
  ExperimentWriter,
  HideSecrets,
  MetricDeclarations,
  NewExperiment,
  Reopening,
  StageEnd,
  StageStart,
} from './types.ts';

/** Between stage boundaries experiment.json is rewritten at most this often, in milliseconds. */
const SAVE_INTERVAL = 3000;

/** Claims the next number of a registry, and answers the writer of that experiment. */
export function claimWriter(registry: string, given: NewExperiment): ExperimentWriter {
  const staging = stagingFolder(registry);
  return new Writer(claim(registry, given, staging), staging, given.hideSecrets);
}

/** Takes over an experiment that was stopped. */
export async function reopenWriter(
  registry: string,
  id: string,
  reopening: Reopening,
): Promise<ExperimentWriter> {
  const staging = stagingFolder(registry);
  const reopened = await reopen(registry, id, reopening, staging);
  try {
    return new Writer(reopened, staging, reopening.hideSecrets, { ...reopened, ...reopening });
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    reopened.release();
    throw error;
  }
}

/** `staging` is the experiment's folder for unfinished files; it goes when the experiment ends. */
class Writer implements ExperimentWriter {
  readonly id: string;
  readonly dir: string;
  readonly hashes = new FileHashes();
  readonly #staging: string;
  readonly #record: ExperimentRecord;
  readonly #hideSecrets: HideSecrets;
  readonly #reopened: (Reopened & Reopening) | undefined;
  readonly #points: Points;
  readonly #logs: Logs;
  /** When it and each running stage began, by `performance.now()`. */
  readonly #began = performance.now();
  readonly #stageBegan = new Map<string, number>();
  /** Stages with artifacts that are not in the record yet. */
  readonly #unhashed = new Set<string>();
  #saved = performance.now();

  constructor(
    { dir, record }: Claim,
    staging: string,
    hideSecrets: HideSecrets = text => text,
    reopened?: Reopened & Reopening,
  ) {
    this.id = record.id;
    this.dir = dir;
    this.#record = record;
    this.#staging = staging;
    this.#hideSecrets = hideSecrets;
    this.#points = new Points(metricsPath(dir), staging, reopened?.declarations ?? {});
    this.#logs = new Logs(dir);
    this.#reopened = reopened;
    if (reopened === undefined) return;
    // A line that was torn by a kill must not become the beginning of the next one.
    this.#points.keep(() => true);
    this.#save();
  }

  get record(): ExperimentRecord {
    return { ...this.#record, metrics: this.#points.toRecord() };
  }

  beginStage(stage: string, start: StageStart = {}): Promise<string> {
    return promised(() => this.#beginStage(stage, start));
  }

  #beginStage(stage: string, { from, ...start }: StageStart): string {
    const output = outputDir(this.dir, stage);
    const record = this.#stage(stage);
    checkFolder(this.dir);
    if (from !== this.dir) this.#reset(stage);
    this.#forget(stage, from === this.dir);
    onStorage('write', output, () => {
      if (from !== this.dir) rmSync(output, { recursive: true, force: true });
      if (from !== undefined && from !== this.dir) this.#takeFrom(from, stage);
      makeFolders(output);
    });
    const before = from === this.dir ? (record.ms ?? 0) : 0;
    this.#stageBegan.set(stage, performance.now() - before);
    const now = { status: 'running', startedAt: new Date().toISOString(), ms: null };
    delete record.fingerprint;
    Object.assign(record, now, start);
    this.#save();
    return output;
  }

  async restoreStage<T>(
    stage: string,
    fill: (output: string) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const began = performance.now();
    const output = outputDir(this.dir, stage);
    checkFolder(this.dir);
    const filled = onStorage('write', output, () => stagingPath(this.#staging));
    const result = await fill(filled);
    if (result === undefined) rmSync(filled, { recursive: true, force: true });
    else {
      checkFolder(this.dir);
      this.#reset(stage);
      this.#forget(stage, false);
      onStorage('write', output, () => {
        rmSync(output, { recursive: true, force: true });
        makeFolders(stageDir(this.dir, stage));
        renameSync(filled, output);
      });
      this.#stageBegan.set(stage, began);
    }
    return result;
  }

  /** From here on an earlier try of a stage is nothing to go on from. */
  #reset(stage: string): void {
    const record = this.#stage(stage);
    if (record.startedAt === null) return;
    for (const name of ['fingerprint', 'code', 'backend', 'progress'] as const) delete record[name];
    Object.assign(record, { status: 'pending', startedAt: null, ms: null });
    this.#save();
  }

  setBackend(stage: string, backend: string): void {
    this.#stage(stage).backend = backend;
    this.#save();
  }

  /** Copies what a stage left in another experiment; its metrics first, so that no output is without them. */
  #takeFrom(from: string, stage: string): void {
    const points = filterMetricLines(readFileSync(metricsPath(from), 'utf8'), point => point.stage === stage);
    this.#points.takeOver(points);
    const copy = stagingPath(this.#staging);
    cpSync(outputDir(from, stage), copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
    makeFolders(stageDir(this.dir, stage));
    renameSync(copy, outputDir(this.dir, stage));
  }

  /** Drops what an earlier try of a stage published, and what it measured unless it goes on. */
  #forget(stage: string, isResumed: boolean): void {
    if (this.#reopened === undefined) return;
    const published = join(artifactsDir(this.dir), stage);
    onStorage('write', published, () => rmSync(published, { recursive: true, force: true }));
    this.#record.artifacts = this.#record.artifacts.filter(artifact => artifact.stage !== stage);
    if (!isResumed) this.#points.keep(point => point.stage !== stage);
  }

  keepMetrics(stage: string, keep: (step: number) => boolean, declarations: MetricDeclarations): number {
    let kept = 0;
    const isKept = (step: number) => {
      const stays = keep(step);
      if (stays) kept++;
      return stays;
    };
    this.#points.keep(point => point.stage !== stage || isKept(point.step), { [stage]: declarations });
    return kept;
  }

  flushMetrics(): void {
    this.#points.flush();
  }

  log(stage: string, text: string): void {
    this.#logs.append(this.#stage(stage).id, this.#hideSecrets(text));
  }

  metric(stage: string, event: MetricEvent, declarations: MetricDeclarations): void {
    if (this.#points.add(stage, event, declarations)) this.#save();
    else this.#saveIfDue();
  }

  copyPoints(stage: string, lines: string, declarations: MetricDeclarations): void {
    this.#points.copy(stage, lines, declarations);
  }

  progress(stage: string, { done, total, unit }: ProgressEvent): void {
    this.#stage(stage).progress = { done, total: total ?? null, unit };
    this.#saveIfDue();
  }

  publish(stage: string, path: string): Promise<void> {
    return promised(() => this.#publish(stage, path));
  }

  #publish(stage: string, path: string): void {
    this.#stage(stage);
    checkFolder(this.dir);
    const output = outputDir(this.dir, stage);
    this.#unhashed.add(stage);
    publish({ output, path, target: join(artifactsDir(this.dir), stage), staging: this.#staging });
  }

  async endStage(stage: string, end: StageEnd, outputs: StageOutputs): Promise<void> {
    const record = this.#stage(stage);
    const { isAtWork = false, ...ending } = end;
    this.#stopClock(record);
    this.#logs.flush(stage);
    this.#points.flush();
    const files = isAtWork ? undefined : await this.hashes.below(this.dir, outputDir(this.dir, stage));
    await this.#hashArtifacts(stage);
    const [report, reason] = [this.#hidden(end.report), this.#hidden(end.reason)];
    Object.assign(record, ending, { report, reason });
    const folder = stageDir(this.dir, stage);
    checkFolder(this.dir);
    onStorage('write', folder, () => makeFolders(folder));
    const text = serializeStage(this.dir, record, outputs, files);
    replaceFile(stageRecordPath(this.dir, stage), text, this.#staging);
    this.#save();
  }

  outputs(stage: string): Promise<StageOutputs> {
    return promised(() => readOutputs(this.dir, this.#stage(stage).id));
  }

  setTensorFlow(tensorflow: { kind: string; version: string }): void {
    this.#record.environment.tensorflow = { ...tensorflow };
    this.#save();
  }

  async finish(
    status: 'finished' | 'failed' | 'interrupted',
    failure: ExperimentRecord['failure'],
  ): Promise<void> {
    this.#logs.flush();
    this.#points.end();
    for (const stage of [...this.#unhashed]) await this.#hashArtifacts(stage);
    const points = await this.hashes.hash(this.dir, METRICS);
    if (points !== undefined) this.#record.metricsFile = { bytes: points.bytes, sha256: points.sha256 };
    for (const stage of this.#record.stages) {
      if (stage.status !== 'running') continue;
      if (status === 'finished') throw new Error(`stage ${stage.id} of ${this.id} still runs`);
      stage.status = status;
      this.#stopClock(stage);
    }
    const ms = performance.now() - this.#began + (this.#reopened?.ms ?? 0);
    const told = failure && {
      ...failure,
      message: this.#hideSecrets(failure.message),
      hint: this.#hidden(failure.hint),
    };
    Object.assign(this.#record, { status, failure: told, ms, endedAt: new Date().toISOString() });
    this.#save();
    syncFolder(this.dir);
    rmSync(this.#staging, { recursive: true, force: true });
    this.#reopened?.release();
  }

  #stage(id: string): StageRecord {
    checkSegment(id, 'stage id');
    const stage = this.#record.stages.find(each => each.id === id);
    if (stage === undefined) throw new Error(`${this.id} has no stage ${id}`);
    return stage;
  }

  #hidden(text: string | null): string | null {
    return text === null ? null : this.#hideSecrets(text);
  }

  #stopClock(stage: StageRecord): void {
    const began = this.#stageBegan.get(stage.id);
    if (began === undefined) return;
    stage.ms = performance.now() - began;
    stage.startedAt ??= new Date(Date.now() - stage.ms).toISOString();
    this.#stageBegan.delete(stage.id);
  }

  async #hashArtifacts(stage: string): Promise<void> {
    if (!this.#unhashed.has(stage)) return;
    const files = await this.hashes.below(this.dir, join(artifactsDir(this.dir), stage));
    const others = this.#record.artifacts.filter(artifact => artifact.stage !== stage);
    this.#record.artifacts = [...others, ...files.map(file => ({ ...file, stage }))];
    this.#unhashed.delete(stage);
  }

  #saveIfDue(): void {
    if (performance.now() - this.#saved >= SAVE_INTERVAL) this.#save();
  }

  #save(): void {
    // Before the write: a disk that is full is tried again after the interval, not at every point.
    this.#saved = performance.now();
    replaceFile(recordPath(this.dir), serializeRecord(this.record), this.#staging);
  }
}
