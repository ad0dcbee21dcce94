/** A driver in this process, whose trials are functions: nothing but the journal is on disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openRegistry, type Registry } from '../../src/registry/index.ts';
import type { SweepDefinition } from '../../src/sweep/definition.ts';
import { SweepDriver, type DriveOptions } from '../../src/sweep/drive.ts';
import type { Start } from '../../src/sweep/next.ts';
import type { Point } from '../../src/search/space.ts';
import { SweepState } from '../../src/sweep/state.ts';
import { openSweep, type OpenedSweep } from '../../src/sweep/stored.ts';
import type { TrialProcess, TrialProcessEnd } from '../../src/sweep/trial-process.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export const definition = (changes: Partial<SweepDefinition> = {}): SweepDefinition => ({
  schemaVersion: 1,
  id: 'sweep-1',
  name: 's',
  createdAt: '2026-01-01T00:00:00.000Z',
  file: 's.yaml',
  cwd: '/',
  pipelines: [{ written: 'p.yaml', file: 'p.yaml', sha256: '', constants: {} }],
  method: 'grid',
  space: [{ name: 'a.x', kind: 'choice', values: [1, 2, 3] }],
  set: {},
  seeds: [],
  objective: { metric: 'loss', stage: 'a', direction: 'min', at: 'best' },
  where: [],
  budget: {},
  retries: 1,
  workers: 1,
  seed: 1,
  ...changes,
});

/** What an attempt at a trial does. */
export type Attempt = (facts: {
  readonly start: Start;
  readonly values: Point;
  /** From 1: attempts at this trial and rung. */
  readonly attempt: number;
}) => {
  readonly value?: number;
  readonly end?: TrialProcessEnd['status'];
  readonly failure?: TrialProcessEnd['failure'];
};

interface Fake {
  readonly status: 'finished' | 'interrupted' | 'failed' | 'crashed';
  readonly step: number;
  readonly value: number | undefined;
  readonly start: Start;
}

/** A registry on disk, and experiments in memory. */
export class SweepWorld {
  readonly registry: Registry;
  readonly experiments = new Map<string, Fake>();
  readonly starts: Start[] = [];
  #attempts = new Map<string, number>();

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'pipe-sweep-'));
    folders.push(folder);
    this.registry = openRegistry(folder);
  }

  sweep(id = 'sweep-1'): OpenedSweep {
    return openSweep(this.registry, id);
  }

  /** Begins or resumes the sweep, with trials that end in the order of `order`, first come first by default. */
  async drive(
    given: SweepDefinition,
    run: Attempt,
    {
      workers = 1,
      order = 0,
      stopAfter = Infinity,
      stopAt = Infinity,
    }: {
      readonly workers?: number;
      readonly order?: number;
      /** Ends of trials. */
      readonly stopAfter?: number;
      /** Turns of the event loop. */
      readonly stopAt?: number;
    } = {},
  ): Promise<SweepDriver> {
    const { sweeps } = this.registry;
    const writer = sweeps.ids().includes(given.id)
      ? await sweeps.takeOver(given.id)
      : await sweeps.create({ text: '', definition: given });
    const state = new SweepState(given, openSweep(this.registry, given.id).journal);
    const waiting: (() => void)[] = [];
    let ended = 0;
    const options: DriveOptions = {
      workers,
      threads: 1,
      budget: given.budget,
      retries: given.retries,
      registry: this.#reading(given),
      writer,
      observe: () => {},
      start: (start, point): TrialProcess => {
        this.starts.push(start);
        const process = this.#run(given, start, point.values, run, waiting);
        return {
          ...process,
          ended: process.ended.finally(() => {
            ended++;
            if (ended >= stopAfter) driver.stop();
          }),
        };
      },
    };
    const driver = new SweepDriver(state, options);
    const driving = driver.drive();
    let isOver = false;
    void driving
      .catch(() => {})
      .finally(() => {
        isOver = true;
      });
    for (let turn = 1; !isOver; turn++) {
      if (turn === stopAt) driver.stop();
      await new Promise(resolve => setImmediate(resolve));
      waiting.splice(order % Math.max(1, waiting.length), 1)[0]?.();
    }
    try {
      await driving;
    } finally {
      writer.release();
    }
    return driver;
  }

  #run(
    given: SweepDefinition,
    start: Start,
    values: Point,
    run: Attempt,
    waiting: (() => void)[],
  ): TrialProcess {
    const experiment = start.experiment ?? `exp-${this.experiments.size + 1}`;
    const key = `${start.point}/${start.repeat}/${start.rung}`;
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    const step =
      start.rung === undefined ? (given.early?.max ?? 0) : (given.early?.rungs[start.rung] as number);
    let stop: () => void = () => {};
    const ended = new Promise<TrialProcessEnd>(resolve => {
      const finish = (isStopped: boolean) => {
        const { value, end, failure } = run({ start, values, attempt });
        const status = isStopped
          ? 'interrupted'
          : (end ?? (start.rung === undefined ? 'finished' : 'interrupted'));
        this.experiments.set(experiment, { status, step: isStopped ? -1 : step, value, start });
        resolve({ status, experiment, ...(failure && { failure }) });
      };
      stop = () => {
        finish(true);
      };
      this.experiments.set(experiment, { status: 'interrupted', step: -1, value: undefined, start });
      waiting.push(() => {
        finish(false);
      });
    });
    return { ended, stop: () => stop() };
  }

  #reading({ id, early }: SweepDefinition): DriveOptions['registry'] {
    const stored = (experiment: string) => {
      const { status, step, value, start } = this.experiments.get(experiment) as Fake;
      const metrics =
        value === undefined ? {} : { loss: { stage: 'a', last: value, min: value, max: value } };
      const stages = [{ id: early?.stage ?? 'a', status: 'interrupted', progress: { done: step } }];
      const record = {
        id: experiment,
        metrics,
        stages,
        failure: null,
        sweep: { id, point: start.point, repeat: start.repeat },
      };
      return { id: experiment, dir: '', status, record } as unknown as Awaited<ReturnType<Registry['read']>>;
    };
    return {
      ids: () => [...this.experiments.keys()],
      read: experiment => Promise.resolve(stored(experiment)),
      list: () => Promise.resolve({ experiments: [...this.experiments.keys()].map(stored), unreadable: [] }),
    };
  }
}
