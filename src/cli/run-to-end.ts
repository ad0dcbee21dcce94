import { printableLines } from '../core/printable.ts';
import type { Plan } from '../plan/plan.ts';
import type { Cancellation } from '../run/execute/cancel.ts';
import { observedBy, type Observer } from '../run/events.ts';
import { isWatched, tellMilestones } from '../run/process/watched.ts';
import type { RunDeps, RunTarget, RunOutcome } from '../run/execute/run.ts';
import type { Session } from '../run/session.ts';
import type { Decided } from '../run/decide/decision.ts';
import { withRegistry } from './hints.ts';
import type { Io } from './io.ts';
import { registryIn, tellExperiment, type ForScripts } from './tell-experiment.ts';

/** Runs a plan until it ends or is stopped, and prints its experiment for scripts; returns the exit code. */
export function runToEnd(
  plan: Plan,
  decided: Decided,
  session: Session,
  io: Io,
  { json, ...options }: ForScripts & RunOptions,
): Promise<number> {
  return runAndTell(plan, decided, session, io, {
    ...options,
    tell: ({ id }) => tellExperiment({ id, registry: registryIn(session) }, io, { json }),
  });
}

interface RunOptions extends Pick<RunDeps, 'pause'> {
  readonly target?: RunTarget;
}

export interface Telling extends RunOptions {
  /** Prints the result at the end; returns the exit code of a finished run, if not 0. */
  readonly tell: (outcome: RunOutcome) => number | void | Promise<number | void>;
}

/** Runs a plan until it ends or is stopped, and shows its events; returns the exit code. */
export async function runAndTell(
  plan: Plan,
  decided: Decided,
  session: Session,
  io: Io,
  { target, pause, tell }: Telling,
): Promise<number> {
  const [{ execute }, { cancellation }, { exitCodes, outcomeText }] = await Promise.all([
    import('../run/session.ts'),
    import('../run/execute/cancel.ts'),
    import('./report-outcome.ts'),
  ]);
  const { emit, close } = await openObserver(io);
  const note = (text: string) => {
    emit({ type: 'note', level: 'info', text });
  };
  const cancel = cancellation();
  const stopListening = await listen(cancel, note, io);
  try {
    for (const text of notesOf(decided)) note(printableLines(withRegistry(text, io)));
    const outcome = await execute(plan, decided, session, { emit, cancellation: cancel, pause }, target);
    // Readers of events get `run-ended`.
    if (io.emit === undefined) note(await outcomeText(outcome, plan, io));
    const told = await tell(outcome);
    const exitCode = exitCodes[outcome.status] || (told ?? 0);
    // A stage still runs and would keep this process alive. A followed process exits by itself and reports it.
    if (outcome.abandoned && !isWatched()) process.exit(exitCode);
    return exitCode;
  } finally {
    close();
    stopListening();
  }
}

/** The observer of a run: lines for people and milestones for the follower, or the given one. */
async function openObserver(io: Io): Promise<{ readonly emit: Observer; readonly close: () => void }> {
  if (io.emit !== undefined) return { emit: io.emit, close: () => {} };
  const [{ openLines }, { showRun }] = await Promise.all([
    import('../run/display/display.ts'),
    import('../run/display/show-run.ts'),
  ]);
  const lines = await openLines(io.stderr, io.env, io.progress === 'plain');
  const close = () => {
    lines.close();
  };
  const show = showRun(lines);
  const showHere: Observer = event => {
    const isWarning = event.type === 'note' && event.level === 'warning';
    show(isWarning ? { ...event, text: withRegistry(event.text, io) } : event);
  };
  return { emit: observedBy(showHere, tellMilestones), close };
}

const notesOf = ({ decisions, notes = [] }: Decided): readonly string[] => [
  ...notes,
  ...[...decisions.values()].flatMap(decision =>
    decision.kind === 'run' && decision.warning !== undefined ? [decision.warning] : [],
  ),
];

/** Stops the run on Ctrl-C, or on a request of the watcher. */
async function listen(cancel: Cancellation, note: (text: string) => void, { env }: Io): Promise<() => void> {
  const { onStopRequests } = await import('../run/execute/stop-requests.ts');
  const stop = () => {
    // A watcher has its own message.
    if (!cancel.signal.aborted && !isWatched('watch'))
      note('finishing the iteration, saving… press Ctrl-C again to stop at once');
    cancel.request();
  };
  return onStopRequests({ stop, note, env });
}
