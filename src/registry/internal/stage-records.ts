import type { StageRecord } from '../../core/experiment.ts';
import { checkSegment } from './ids.ts';
import type { StageStart } from '../writing.ts';

/** The stages of an experiment that is being written: their records and running times. */
export class StageRecords {
  readonly #stages: StageRecord[];
  /** Start times, by `performance.now()`. */
  readonly #began = new Map<string, number>();

  /** @param stages The stages of the record, changed in place. */
  constructor(stages: StageRecord[]) {
    this.#stages = stages;
  }

  /** @throws Error for a stage that the experiment does not have. */
  get(id: string): StageRecord {
    checkSegment(id, 'stage id');
    const stage = this.#stages.find(each => each.id === id);
    if (stage === undefined) throw new Error(`the experiment has no stage ${id}`);
    return stage;
  }

  /** Marks a stage as running. A resumed stage counts its previous time. */
  begin(id: string, start: Omit<StageStart, 'from'>, isResumed: boolean): void {
    const stage = this.get(id);
    this.startClock(id, performance.now() - (isResumed ? (stage.ms ?? 0) : 0));
    for (const name of ['fingerprint', 'data', 'unseeded'] as const) delete stage[name];
    Object.assign(stage, { status: 'running', startedAt: new Date().toISOString(), ms: null }, start);
  }

  /** Discards an earlier attempt, which then cannot be resumed. True when there was one. */
  reset(id: string): boolean {
    const stage = this.get(id);
    if (stage.startedAt === null) return false;
    for (const name of [
      'fingerprint',
      'code',
      'backend',
      'variables',
      'resumedFrom',
      'progress',
      'unseeded',
    ] as const)
      delete stage[name];
    Object.assign(stage, { status: 'pending', startedAt: null, ms: null });
    return true;
  }

  /** @param began By `performance.now()`. */
  startClock(id: string, began: number): void {
    this.#began.set(id, began);
  }

  stopClock(id: string): void {
    const began = this.#began.get(id);
    if (began === undefined) return;
    const stage = this.get(id);
    stage.ms = performance.now() - began;
    stage.startedAt ??= new Date(Date.now() - stage.ms).toISOString();
    this.#began.delete(id);
  }

  /** Ends stages that still run like the experiment. */
  endAll(status: 'finished' | 'failed' | 'interrupted'): void {
    for (const stage of this.#stages) {
      if (stage.status !== 'running') continue;
      if (status === 'finished') throw new Error(`stage ${stage.id} still runs`);
      stage.status = status;
      this.stopClock(stage.id);
    }
  }
}
