import type { StageRecord } from '../../core/experiment.ts';
import { checkSegment } from './ids.ts';
import type { StageStart } from '../writing.ts';

/** The stages of an experiment that is being written: the record's entry of each, and since when it runs. */
export class StageRecords {
  readonly #stages: StageRecord[];
  /** By `performance.now()`. */
  readonly #began = new Map<string, number>();

  /** @param stages Those of the record, which is changed. */
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

  /** It runs from now on. A stage that resumes counts its previous time. */
  begin(id: string, start: Omit<StageStart, 'from'>, goesOn: boolean): void {
    const stage = this.get(id);
    this.startClock(id, performance.now() - (goesOn ? (stage.ms ?? 0) : 0));
    for (const name of ['fingerprint', 'data', 'unseeded'] as const) delete stage[name];
    Object.assign(stage, { status: 'running', startedAt: new Date().toISOString(), ms: null }, start);
  }

  /** From here on an earlier attempt cannot be resumed. True when there was one. */
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

  /** Stages that still run end as the experiment does. */
  endAll(status: 'finished' | 'failed' | 'interrupted'): void {
    for (const stage of this.#stages) {
      if (stage.status !== 'running') continue;
      if (status === 'finished') throw new Error(`stage ${stage.id} still runs`);
      stage.status = status;
      this.stopClock(stage.id);
    }
  }
}
