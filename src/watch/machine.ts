import { unreachable } from '../core/failure.ts';

/**
 * The behaviour of `pipe watch`, as a pure function of events. Two processes run side by side.
 *
 * The files:
 *
 *              saved               quiet                loaded | rejected
 *   settled ──────────▶ waiting ──────────▶ loading ──────────────────────▶ settled
 *                        ▲  ↺ saved            │ saved: what is being read is abandoned
 *                        ╰─────────────────────╯
 *
 * The run:
 *
 *             loaded                loaded something else | leave
 *      idle ──────────▶ running ────────────────────────────────▶ stopping
 *       ▲ ▲                │ ended                                   │ ended
 *       │ ╰────────────────╯                                         │
 *       ╰────────────────────────────────────────────────────────────╯   (then starts what is next, or exits)
 *
 * A file that does not validate never touches the run.
 */
export interface WatchState<P> {
  readonly files: 'settled' | 'waiting' | 'loading';
  readonly run: 'idle' | 'running' | 'stopping';
  /** The pipeline of the last run that was started. */
  readonly current: P | null;
  /** The pipeline to start when the running one has ended. */
  readonly next: P | null;
  /** The exit code, once the user wants to leave. */
  readonly leaving: ExitCode | null;
}

/** 0 for `q`, 130 for Ctrl-C. */
export type ExitCode = 0 | 130;

export type WatchEvent<P> =
  /** A watched file was written, replaced, added or removed. */
  | { readonly type: 'saved' }
  /** No file was saved for a while. */
  | { readonly type: 'quiet' }
  | { readonly type: 'loaded'; readonly pipeline: P }
  | { readonly type: 'rejected'; readonly failure: unknown }
  | { readonly type: 'ended' }
  | { readonly type: 'leave'; readonly exitCode: ExitCode };

export type WatchAction<P> =
  /** Start or restart waiting for quiet. */
  | { readonly type: 'wait' }
  | { readonly type: 'load' }
  /** Ignore the result of the current load. */
  | { readonly type: 'abandon-load' }
  | { readonly type: 'show-failure'; readonly failure: unknown }
  | { readonly type: 'show-changes'; readonly changes: readonly string[] }
  | { readonly type: 'show-unchanged' }
  /** Stop at the next safe point. */
  | { readonly type: 'stop' }
  | { readonly type: 'stop-now' }
  | { readonly type: 'start'; readonly pipeline: P }
  | { readonly type: 'show-watching' }
  | { readonly type: 'exit'; readonly exitCode: ExitCode };

export interface WatchStep<P> {
  readonly state: WatchState<P>;
  readonly actions: readonly WatchAction<P>[];
}

/** Descriptions of the differences; empty for equivalent pipelines. */
export type Difference<P> = (before: P, after: P) => readonly string[];

/** The first step: the files are being loaded. */
export function firstStep<P>(): WatchStep<P> {
  const state = { files: 'loading', run: 'idle', current: null, next: null, leaving: null } as const;
  return { state, actions: [{ type: 'load' }] };
}

/** The next state, and the actions on the way to it, in order. */
export function nextStep<P>(
  state: WatchState<P>,
  event: WatchEvent<P>,
  difference: Difference<P>,
): WatchStep<P> {
  switch (event.type) {
    case 'saved':
      return saved(state);
    case 'quiet':
      return state.files === 'waiting'
        ? { state: { ...state, files: 'loading' }, actions: [{ type: 'load' }] }
        : stay(state);
    case 'loaded':
      return loaded({ ...state, files: 'settled' }, event.pipeline, difference);
    case 'rejected':
      return {
        state: { ...state, files: 'settled' },
        actions: [{ type: 'show-failure', failure: event.failure }],
      };
    case 'ended':
      return ended({ ...state, run: 'idle' });
    case 'leave':
      return leave(state, event.exitCode);
    default:
      return unreachable(event);
  }
}

const stay = <P>(state: WatchState<P>): WatchStep<P> => ({ state, actions: [] });

function saved<P>(state: WatchState<P>): WatchStep<P> {
  if (state.leaving !== null) return stay(state);
  const wait = { type: 'wait' } as const;
  const actions = state.files === 'loading' ? [{ type: 'abandon-load' } as const, wait] : [wait];
  return { state: { ...state, files: 'waiting' }, actions };
}

function loaded<P>(state: WatchState<P>, pipeline: P, difference: Difference<P>): WatchStep<P> {
  if (state.leaving !== null) return stay(state);
  const before = state.next ?? state.current;
  if (before === null) return start(state, pipeline, []);
  const changes = difference(before, pipeline);
  if (changes.length === 0) return { state, actions: [{ type: 'show-unchanged' }] };
  const shown = { type: 'show-changes', changes } as const;
  switch (state.run) {
    case 'idle':
      return start(state, pipeline, [shown]);
    case 'running':
      return {
        state: { ...state, run: 'stopping', next: pipeline },
        actions: [shown, { type: 'stop' }],
      };
    case 'stopping':
      return { state: { ...state, next: pipeline }, actions: [shown] };
    default:
      return unreachable(state.run);
  }
}

function start<P>(state: WatchState<P>, pipeline: P, before: readonly WatchAction<P>[]): WatchStep<P> {
  return {
    state: { ...state, run: 'running', current: pipeline, next: null },
    actions: [...before, { type: 'start', pipeline }],
  };
}

function ended<P>(state: WatchState<P>): WatchStep<P> {
  if (state.leaving !== null) return { state, actions: [{ type: 'exit', exitCode: state.leaving }] };
  if (state.next !== null) return start(state, state.next, []);
  return { state, actions: [{ type: 'show-watching' }] };
}

function leave<P>(state: WatchState<P>, exitCode: ExitCode): WatchStep<P> {
  const leaving = { ...state, leaving: exitCode, next: null };
  if (state.leaving !== null) return { state, actions: [{ type: 'stop-now' }] };
  switch (state.run) {
    case 'idle':
      return { state: leaving, actions: [{ type: 'exit', exitCode }] };
    case 'running':
      return { state: { ...leaving, run: 'stopping' }, actions: [{ type: 'stop' }] };
    case 'stopping':
      return stay(leaving);
    default:
      return unreachable(state.run);
  }
}
