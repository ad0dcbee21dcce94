import { rmSync } from 'node:fs';
import { checkedEvent } from '../../core/check-event.ts';
import type { MetricEvent, ProgressEvent } from '../../core/events.ts';
import type { ExperimentRecord, StageRecord } from '../../core/experiment.ts';
import { syncFolder } from '../../storage/atomic.ts';
import type { Attempt } from './attempt.ts';
import type { Claim } from './claim.ts';
import { FileHashes } from '../../storage/file-hashes.ts';
import { Logs } from './logs.ts';
import { METRICS, outputDir, stageRecordPath } from './paths.ts';
import { Points } from './points.ts';
import { Published } from './published.ts';
import type { Reopened } from './reopen.ts';
import { promised } from './promised.ts';
import { RecordFile } from './record-file.ts';
import { releaseSpace } from './reserve.ts';
import { serializeStageDocument } from './serialize.ts';
import { stageFiles } from './stage-files.ts';
import { StageFolders } from './stage-folders.ts';
import { StageRecords } from './stage-records.ts';
import { readOutputs, stageDocument } from './stage-outputs.ts';
import type { StageOutputs } from '../stored.ts';
import type {
  ExperimentWriter,
  HideSecrets,
  MetricDeclarations,
  Reopening,
  StageEnd,
  StageStart,
  StageFiles,
} from '../writing.ts';

/** The writer of one experiment. `staging` is a folder beside the experiments, removed when the experiment ends. */
export class Writer implements ExperimentWriter {
  readonly id: string;
  readonly dir: string;
  readonly hashes = new FileHashes();
  readonly files: StageFiles;
  readonly #staging: string;
  readonly #attempt: Attempt;
  readonly #record: ExperimentRecord;
  readonly #hideSecrets: HideSecrets;
  readonly #reopened: (Reopened & Reopening) | undefined;
  readonly #points: Points;
  readonly #logs: Logs;
  readonly #published: Published;
  readonly #stages: StageRecords;
  readonly #folders: StageFolders;
  readonly #file: RecordFile;
  /** Start, by `performance.now()`. */
  readonly #began = performance.now();

  constructor(
    { dir, record, attempt }: Claim,
    staging: string,
    hideSecrets: HideSecrets = text => text,
    reopened?: Reopened & Reopening,
  ) {
    this.id = record.id;
    this.dir = dir;
    this.files = stageFiles(dir);
    this.#record = record;
    this.#stages = new StageRecords(record.stages);
    this.#staging = staging;
    this.#attempt = attempt;
    this.#file = new RecordFile(attempt, () => this.#content());
    this.#hideSecrets = hideSecrets;
    this.#points = new Points(attempt, reopened?.declarations ?? {}, record.metrics);
    this.#folders = new StageFolders(attempt, this.#points);
    this.#logs = new Logs(attempt);
    this.#published = new Published({ attempt, hashes: this.hashes }, record);
    this.#reopened = reopened;
    if (reopened === undefined) return;
    // Files that a previous process still has open are not part of the experiment from here on.
    this.#points.renew();
    this.#logs.takeOver();
    this.#file.save();
  }

  check(): void {
    this.#attempt.check();
  }

  get record(): ExperimentRecord {
    return { ...this.#record, metrics: this.#points.toRecord() };
  }

  beginStage(stage: string, start: StageStart = {}): Promise<string> {
    return promised(() => this.#beginStage(stage, start));
  }

  #beginStage(stage: string, { from, ...start }: StageStart): string {
    const isResumed = from === this.dir;
    this.#attempt.check();
    if (isResumed) this.#forget(stage, true);
    else this.#reset(stage);
    const output = isResumed ? this.#folders.keep(stage) : this.#folders.renew(stage, from);
    this.#stages.begin(stage, start, isResumed);
    this.#file.save();
    return output;
  }

  async restoreStage<T>(
    stage: string,
    fill: (output: string) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const began = performance.now();
    const filled = this.#attempt.newPath();
    const result = await fill(filled);
    if (result === undefined) {
      rmSync(filled, { recursive: true, force: true });
      return undefined;
    }
    this.#attempt.check();
    this.#reset(stage);
    this.#folders.replace(stage, filled);
    this.#stages.startClock(stage, began);
    return result;
  }

  /** Discards an earlier attempt of a stage, which then cannot be resumed. */
  #reset(stage: string): void {
    if (this.#stages.reset(stage)) this.#file.save();
    this.#forget(stage, false);
  }

  setBackend(stage: string, backend: string): void {
    this.#stages.get(stage).backend = backend;
    this.#file.save();
  }

  setVariables(stage: string, variables: NonNullable<StageRecord['variables']>): void {
    const record = this.#stages.get(stage);
    record.variables = { ...record.variables, ...variables };
    this.#file.save();
  }

  setUnseeded(stage: string, unseeded: NonNullable<StageRecord['unseeded']>): void {
    if (unseeded.length > 0) this.#stages.get(stage).unseeded = [...unseeded];
  }

  /** Drops the published files of an earlier attempt of a stage, and its points unless it resumes. */
  #forget(stage: string, isResumed: boolean): void {
    if (this.#reopened === undefined) return;
    this.#published.forget(stage);
    if (!isResumed) this.#points.keep(point => point.stage !== stage);
  }

  keepMetrics(stage: string, keep: (step: number) => boolean, declarations: MetricDeclarations): number {
    return this.#points.keepSteps(stage, keep, declarations);
  }

  flushMetrics(): void {
    this.#points.flush();
  }

  log(stage: string, text: string, isKept = false): boolean {
    return this.#logs.append(this.#stages.get(stage).id, this.#hideSecrets(text), isKept);
  }

  metric(stage: string, event: MetricEvent, declarations: MetricDeclarations): void {
    checkedEvent(stage, event);
    if (this.#points.add(stage, event, declarations)) this.#file.save();
    else this.#file.saveIfDue();
  }

  takePoints(stage: string, path: string, declarations: MetricDeclarations): void {
    this.#points.copy(stage, path, declarations);
    rmSync(path);
  }

  progress(stage: string, event: ProgressEvent): void {
    checkedEvent(stage, event);
    const { done, total, unit } = event;
    this.#stages.get(stage).progress = { done, total: total ?? null, unit };
    this.#file.saveIfDue();
  }

  publish(stage: string, path: string): Promise<void> {
    return promised(() => {
      this.#published.add(this.#stages.get(stage).id, path);
    });
  }

  async endStage(stage: string, end: StageEnd, outputs: StageOutputs): Promise<void> {
    const record = this.#stages.get(stage);
    const { isAtWork = false, kinds, ...ending } = end;
    this.#stages.stopClock(stage);
    this.#logs.flush(stage);
    this.#points.flush();
    const files = isAtWork ? undefined : await this.hashes.below(this.dir, outputDir(this.dir, stage));
    await this.#published.record(stage);
    const [report, reason] = [this.#hidden(end.report), this.#hidden(end.reason)];
    const ended = Object.assign({ ...record }, ending, { report, reason });
    this.#folders.prepare(stage);
    const text = serializeStageDocument(stageDocument(this.dir, ended, { outputs, kinds, files }));
    this.#attempt.replace(stageRecordPath(this.dir, stage), text);
    // A stage ends only when its results are on disk.
    Object.assign(record, ended);
    this.#file.save();
  }

  outputs(stage: string): Promise<StageOutputs> {
    return promised(() => readOutputs(this.dir, this.#stages.get(stage).id));
  }

  setTensorFlow(tensorflow: { kind: string; version: string }): void {
    this.#record.environment.tensorflow = { ...tensorflow };
    this.#file.save();
  }

  makeRoom(): void {
    releaseSpace(this.#staging);
  }

  async finish(
    status: 'finished' | 'failed' | 'interrupted',
    failure: ExperimentRecord['failure'],
  ): Promise<void> {
    this.#logs.end();
    this.#points.end();
    await this.#published.recordAll();
    const points = await this.hashes.hash(this.dir, METRICS);
    if (points !== undefined) this.#record.metricsFile = { bytes: points.bytes, sha256: points.sha256 };
    this.#stages.endAll(status);
    const ms = performance.now() - this.#began + (this.#reopened?.ms ?? 0);
    const hidden = failure && {
      ...failure,
      message: this.#hideSecrets(failure.message),
      hint: this.#hidden(failure.hint),
    };
    Object.assign(this.#record, { status, failure: hidden, ms, endedAt: new Date().toISOString() });
    this.#file.save();
    syncFolder(this.dir);
    rmSync(this.#staging, { recursive: true, force: true });
    this.#attempt.release();
  }

  #hidden(text: string | null): string | null {
    return text === null ? null : this.#hideSecrets(text);
  }

  #content(): ExperimentRecord {
    const metricsRead = this.#record.status === 'running' ? this.#points.summarized() : undefined;
    return { ...this.record, ...(metricsRead !== undefined && { metricsRead }) };
  }
}
