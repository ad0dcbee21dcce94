import type { RunEvent } from '../run/events.ts';
import { concludeRun } from '../run/process/conclude.ts';
import { startRunProcess } from '../run/process/child.ts';
import { pipelineOf, settingsOf, type SweepDefinition } from './definition.ts';
import type { Start } from './next.ts';
import type { PointState } from './state.ts';

/** A trial's process that has ended: how, as far as the process itself tells. */
export interface TrialProcessEnd {
  readonly experiment?: string;
  /** The result is that of this earlier experiment; nothing ran. */
  readonly equal?: string;
  /** `crashed` where the process died, `interrupted` where it stopped at a safe point. */
  readonly status: 'finished' | 'interrupted' | 'failed' | 'crashed';
  readonly failure?: { readonly code: string; readonly message: string; readonly hint: string | null };
}

export interface TrialProcess {
  readonly ended: Promise<TrialProcessEnd>;
  /** First call: stops at the next safe point. Second: at once. */
  readonly stop: () => void;
}

export interface TrialSettings {
  readonly definition: SweepDefinition;
  /** Absolute folder of the registry. */
  readonly registry: string;
  readonly env: NodeJS.ProcessEnv;
  readonly observe: (event: RunEvent) => void;
}

/** Runs or resumes a trial as a process of its own, as `pipe run` and `pipe resume` do. */
export function startTrial(
  start: Start,
  { values }: Pick<PointState, 'values'>,
  { definition, registry, env, observe }: TrialSettings,
): TrialProcess {
  const seen: Seen = {};
  const child = startRunProcess(argumentsOf(start, values, definition, registry), {
    starter: 'run',
    stdin: 'ignore',
    data: 'ignore',
    cwd: definition.cwd,
    env,
    observe: event => {
      note(event, seen);
      observe(event);
    },
  });
  return {
    stop: child.stop,
    ended: child.ended.then(async end => {
      const { failure, exitCode } = await concludeRun(end, definition.cwd);
      const { experiment = end.experiment?.id, equal, status, failure: told } = seen;
      const known = failure && { code: failure.code, message: failure.message, hint: failure.hint ?? null };
      return {
        ...(experiment !== undefined && { experiment }),
        ...(equal !== undefined && { equal }),
        ...endOf({ status, told: told ?? known, isGone: end.done === undefined, exitCode }),
      };
    }),
  };
}

function argumentsOf(
  { point, repeat, rung, experiment }: Start,
  values: PointState['values'],
  definition: SweepDefinition,
  registry: string,
): readonly string[] {
  const { early, id } = definition;
  const pause =
    early === undefined || rung === undefined ? [] : ['--pause-at', `${early.stage}:${early.rungs[rung]}`];
  const common = [...pause, '--experiments', registry, '--progress', 'jsonl'];
  if (experiment !== undefined) return ['resume', experiment, ...common];
  const settings = settingsOf(definition, values, repeat).flatMap(setting => ['--set', setting]);
  const trial = ['--trial', `${id}/${point}/${repeat}`];
  return ['run', pipelineOf(definition, values).file, ...settings, ...trial, ...common];
}

type Told = NonNullable<TrialProcessEnd['failure']>;

interface Seen {
  experiment?: string;
  equal?: string;
  status?: 'finished' | 'failed' | 'interrupted';
  failure?: Told;
}

function note(event: RunEvent, seen: Seen): void {
  if (event.type === 'claimed') seen.experiment = event.experiment;
  else if (event.type === 'unchanged') seen.equal = event.experiment;
  else if (event.type === 'run-ended') {
    seen.status = event.status;
    if (event.failure !== null) seen.failure = event.failure;
  } else if (event.type === 'failed') {
    const [problem] = event.failure.problems;
    seen.failure = { ...event.failure, message: problem?.message ?? event.failure.message };
  }
}

interface Facts {
  readonly status: Seen['status'];
  readonly told: Told | null | undefined;
  /** True where the process did not leave by itself. */
  readonly isGone: boolean;
  /** 130 as well where it was stopped before it could tell. */
  readonly exitCode: number;
}

function endOf({ status, told, isGone, exitCode }: Facts): Pick<TrialProcessEnd, 'status' | 'failure'> {
  const failure = told ? { failure: told } : {};
  if (status === 'interrupted' || exitCode === 130) return { status: 'interrupted' };
  if (status === 'finished' || exitCode === 0) return { status: 'finished' };
  return { status: isGone && status === undefined ? 'crashed' : 'failed', ...failure };
}
