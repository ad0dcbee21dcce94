/** The driver of a sweep: starts trials, at most so many at a time, and writes the journal. */
import { setImmediate } from 'node:timers/promises';
import { Failure } from '../core/failure.ts';
import type { RunEvent } from '../run/events.ts';
import type { SweepWriter } from '../registry/index.ts';
import type { Budget } from './definition.ts';
import { isCommon, lostEnds, resultOf, type ReadExperiments } from './ends.ts';
import type { JournalEntry, TrialName } from './journal.ts';
import { nextStep, type Start } from './next.ts';
import type { PointState, SweepState } from './state.ts';
import type { TrialProcess, TrialProcessEnd } from './trial-process.ts';

/** What the driver tells its display. */
export type SweepEvent =
  | { readonly type: 'state' }
  /** An event of a trial's run. */
  | { readonly type: 'trial'; readonly trial: TrialName; readonly event: RunEvent };

export interface DriveOptions {
  readonly workers: number;
  /** Compute threads of each trial, for the journal. */
  readonly threads: number;
  /** As the sweep's file has them now. */
  readonly budget: Budget;
  readonly retries: number;
  readonly registry: ReadExperiments;
  readonly writer: SweepWriter;
  readonly start: (start: Start, point: PointState, observe: (event: RunEvent) => void) => TrialProcess;
  readonly observe: (event: SweepEvent) => void;
  /** Milliseconds. */
  readonly now?: () => number;
}

export type DriveEnd = { readonly kind: 'completed'; readonly why: string } | { readonly kind: 'stopped' };

/** Signals are to be heard between two refused points: there may be thousands. */
const AGAIN = Symbol('again');

/** Drives a sweep until nothing is left to do, or it is stopped. */
export class SweepDriver {
  readonly state: SweepState;
  readonly #options: DriveOptions;
  readonly #now: () => number;
  readonly #running = new Map<string, TrialProcess>();
  #isStopping = false;
  /** Why the driver stops though nobody asked it to. */
  #trouble: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};
  #openedAt = 0;

  constructor(state: SweepState, options: DriveOptions) {
    this.state = state;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** First call: trials stop at their next checkpoints. Second: at once. */
  stop(): void {
    this.#isStopping = true;
    for (const trial of this.#running.values()) trial.stop();
    this.#wake();
  }

  /**
   * @throws Failure when trials or the journal cannot be written, or another process has taken the sweep over (`superseded`); what
   * was running has stopped then
   */
  async drive(): Promise<DriveEnd> {
    const { workers, threads, budget, retries } = this.#options;
    this.#openedAt = this.#now();
    this.#write({ type: 'opened', workers, threads, budget, retries });
    try {
      await this.#recover();
      return await this.#loop();
    } finally {
      const running = [...this.#running.values()];
      for (const trial of running) trial.stop();
      await Promise.allSettled(running.map(({ ended }) => ended));
    }
  }

  async #loop(): Promise<DriveEnd> {
    for (;;) {
      const complete = this.#isStopping ? undefined : this.#begin();
      if (complete === AGAIN) {
        await setImmediate();
        continue;
      }
      if (this.#running.size === 0) {
        if (this.#isStopping)
          this.#write({ type: 'closed', why: this.#trouble === undefined ? 'stopped' : 'trouble' });
        if (this.#trouble !== undefined) throw this.#trouble.error;
        if (this.#isStopping) return { kind: 'stopped' };
        if (complete !== undefined) {
          this.#write({ type: 'completed', why: complete });
          return { kind: 'completed', why: complete };
        }
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  /** Begins what can begin; returns why nothing is left to do, or, after a refused point, that it is to be called again. */
  #begin(): string | typeof AGAIN | undefined {
    while (this.#running.size < this.#options.workers) {
      const step = nextStep(this.state, this.#isTimeUp());
      if (step.kind === 'complete') return step.why;
      if (step.kind === 'wait') return undefined;
      const { kind, ...facts } = step;
      if (kind === 'start') this.#start(facts as Start);
      else if (kind === 'suggested')
        this.#write({ type: 'suggested', point: this.state.points.length + 1, ...(facts as Suggestion) });
      else {
        this.#write({ type: 'refused', ...(facts as Suggestion) });
        return AGAIN;
      }
    }
    return undefined;
  }

  #isTimeUp(): boolean {
    const { hours } = this.state.definition.budget;
    const { spentMs, lastAt } = this.state;
    const sinceLast = Math.max(0, this.#now() - Math.max(lastAt, this.#openedAt));
    return hours !== undefined && spentMs + sinceLast >= hours * 3_600_000;
  }

  #start(given: Start): void {
    const start = this.#withoutRemoved(given);
    const point = this.state.points[start.point - 1] as PointState;
    const { point: number, repeat } = start;
    const trial = { point: number, repeat };
    this.#write({ type: 'started', ...start });
    const run = this.#options.start(start, point, event => {
      this.#options.observe({ type: 'trial', trial, event });
    });
    const key = keyOf(trial);
    this.#running.set(key, run);
    void run.ended
      .then(end => this.#endOf(start, end))
      .catch((error: unknown) => {
        this.#giveUp(error);
      })
      .finally(() => {
        this.#running.delete(key);
        this.#wake();
      });
  }

  /** A trial whose experiment was removed begins again. */
  #withoutRemoved(start: Start): Start {
    const { experiment, ...fresh } = start;
    return experiment === undefined || this.#options.registry.ids().includes(experiment) ? start : fresh;
  }

  async #endOf(start: Start, end: TrialProcessEnd): Promise<void> {
    const { point, repeat } = start;
    const { failure } = end;
    if (failure !== undefined && isCommon(failure.code)) {
      this.#giveUp(
        new Failure({
          code: failure.code,
          message: failure.message,
          ...(failure.hint !== null && { hint: failure.hint }),
        }),
      );
      this.#write({ type: 'ended', point, repeat, status: 'stopped', ...experimentOf(end) });
      return;
    }
    this.#write({
      type: 'ended',
      point,
      repeat,
      ...(await resultOf(start, end, this.state.definition, this.#options.registry)),
    });
  }

  /** Ends of trials that the journal does not know: their driver was gone before. */
  async #recover(): Promise<void> {
    const isStopping = () => this.#isStopping;
    for await (const end of lostEnds(this.state, this.#options.registry, isStopping))
      this.#write({ type: 'ended', ...end });
  }

  #giveUp(error: unknown): void {
    this.#trouble ??= { error };
    this.stop();
  }

  #write(entry: DistributiveOmit<JournalEntry, 'at'>): void {
    const dated = { ...entry, at: new Date(this.#now()).toISOString() } as JournalEntry;
    this.#options.writer.append(dated);
    this.state.add(dated);
    this.#options.observe({ type: 'state' });
  }
}

type Suggestion = Pick<Extract<JournalEntry, { type: 'suggested' }>, 'draw' | 'values'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const keyOf = ({ point, repeat }: TrialName): string => `${point}/${repeat}`;

const experimentOf = ({ experiment }: TrialProcessEnd): { readonly experiment?: string } =>
  experiment === undefined ? {} : { experiment };
