/** How trials ended: by what their processes told, or, where nobody listened, by their records. */
import { setTimeout } from 'node:timers/promises';
import { firstLine } from '../core/format.ts';
import type { Registry } from '../registry/index.ts';
import type { SweepDefinition } from './definition.ts';
import type { Ended, TrialName } from './journal.ts';
import type { Start } from './next.ts';
import { isPausedAt, objectiveIn } from './result.ts';
import type { SweepState, Trial } from './state.ts';
import type { TrialProcessEnd } from './trial-process.ts';

export type ReadExperiments = Pick<Registry, 'read' | 'list' | 'ids'>;

/** Failures of a trial that are none of its own: the next one would fail in the same way. */
const COMMON = new Set(['storage', 'folder-removed', 'tensorflow-not-loaded', 'no-tensorflow-there']);

export const isCommon = (code: string): boolean => COMMON.has(code);

/** Milliseconds between two looks at a trial whose process is still there, though its driver is gone. */
const PATIENCE = 200;

type Result = Omit<Ended, 'type' | 'at' | keyof TrialName>;
type Stored = Awaited<ReturnType<Registry['read']>>;

/** The end of a trial's process, with the objective of its experiment. */
export async function resultOf(
  start: Start,
  end: TrialProcessEnd,
  definition: SweepDefinition,
  registry: ReadExperiments,
): Promise<Result> {
  const experiment = end.equal ?? end.experiment;
  // One that was removed meanwhile has no value.
  const isThere = experiment !== undefined && registry.ids().includes(experiment);
  const stored = isThere ? await registry.read(experiment) : undefined;
  const known = { ...(experiment !== undefined && { experiment }), ...valueIn(stored, definition) };
  switch (end.status) {
    case 'finished':
      return { status: 'finished', ...known, ...(end.equal !== undefined && { equal: true }) };
    case 'interrupted':
      return { status: isPaused(start, stored, definition) ? 'paused' : 'stopped', ...known };
    case 'failed':
    case 'crashed':
      return {
        status: end.status,
        ...known,
        ...(end.failure && { failure: firstLine(end.failure.message) }),
      };
  }
}

/** The ends of trials that ran when their driver was gone. @param isStopping True ends the waiting for one that still runs. */
export async function* lostEnds(
  { trials, definition }: SweepState,
  registry: ReadExperiments,
  isStopping: () => boolean,
): AsyncGenerator<Result & TrialName> {
  const lost = trials.filter(({ status }) => status === 'running');
  if (lost.length === 0) return;
  const { experiments } = await registry.list();
  for (const trial of lost) {
    const { point, repeat } = trial;
    const own = experiments.findLast(
      ({ record: { sweep } }) =>
        sweep?.id === definition.id && sweep.point === point && sweep.repeat === repeat,
    );
    const id = own?.id;
    const result: Result =
      id === undefined
        ? { status: 'stopped' }
        : await lostEnd(trial, id, { definition, registry, isStopping });
    yield { point, repeat, ...result };
  }
}

interface LostContext {
  readonly definition: SweepDefinition;
  readonly registry: ReadExperiments;
  readonly isStopping: () => boolean;
}

async function lostEnd(
  trial: Trial,
  id: string,
  { definition, registry, isStopping }: LostContext,
): Promise<Result> {
  let stored = await registry.read(id);
  // The process of a trial ends soon after its driver.
  while (stored.status === 'running' && !isStopping()) {
    await setTimeout(PATIENCE);
    stored = await registry.read(id);
  }
  const known = { experiment: id, ...valueIn(stored, definition) };
  if (stored.status === 'finished') return { status: 'finished', ...known };
  if (isPaused(trial, stored, definition)) return { status: 'paused', ...known };
  const { failure } = stored.record;
  // What its own process has recorded as failed would fail again; what was killed with its driver would not.
  const isItsOwn = failure !== null && failure.code !== 'process-ended' && !isCommon(failure.code);
  if (stored.status === 'failed' && isItsOwn)
    return { status: 'failed', ...known, failure: firstLine(failure.message) };
  return { status: 'stopped', experiment: id };
}

function isPaused(
  { rung }: { readonly rung?: number | undefined },
  stored: Stored | undefined,
  { early }: SweepDefinition,
): boolean {
  if (early === undefined || rung === undefined || stored === undefined) return false;
  return isPausedAt(stored.record, stored.status, { stage: early.stage, step: early.rungs[rung] as number });
}

function valueIn(stored: Stored | undefined, { objective }: SweepDefinition): { readonly value?: number } {
  const value = stored && objectiveIn(stored.record, objective);
  return value === undefined ? {} : { value };
}
