import { printableLines } from '../core/printable.ts';
import type { Plan } from '../plan/plan.ts';
import type { Cancellation } from '../run/execute/cancel.ts';
import { observedBy, type Observer } from '../run/events.ts';
import { isWatched, tellMilestones } from '../run/process/watched.ts';
import type { RunTarget, RunOutcome } from '../run/execute/run.ts';
import type { Session } from '../run/session.ts';
import type { Decided } from '../run/decide/decision.ts';
import { withRegistry } from './hints.ts';
import type { Io } from './io.ts';

/** Runs a plan until it ends or is stopped, and tells a script of it; returns the exit code. */
export function runToEnd(
  plan: Plan,
  decided: Decided,
  session: Session,
  io: Io,
  { target, json }: ForScripts & { readonly target?: RunTarget },
): Promise<number> {
  return runAndTell(plan, decided, session, io, {
    ...(target && { target }),
    tell: ({ id }) => tellExperiment({ id, unchanged: false }, session, io, { json }),
  });
}

export interface ForScripts {
  /** `--json`. */
  readonly json: boolean | undefined;
}

/** In a terminal the lines before have said it; a script gets the id, or the whole record. */
export async function tellExperiment(
  { id, unchanged }: { readonly id: string; readonly unchanged: boolean },
  session: Session,
  { stdout }: Pick<Io, 'stdout'>,
  { json }: ForScripts,
): Promise<void> {
  if (json === true) {
    const [{ runJson }, { registryOf }] = await Promise.all([
      import('./experiment-json.ts'),
      import('../run/session.ts'),
    ]);
    stdout.write(await runJson(registryOf(session), id, unchanged));
  } else if (stdout.isTTY !== true) stdout.write(`${id}\n`);
}

export interface Telling {
  readonly target?: RunTarget;
  /** Says what there is to say at the end; what it returns, if anything, is the exit code of a run that finished. */
  readonly tell: (outcome: RunOutcome) => number | void | Promise<number | void>;
}

/** Runs a plan until it ends or is stopped, and shows its events; returns the exit code. */
export async function runAndTell(
  plan: Plan,
  decided: Decided,
  session: Session,
  io: Io,
  { target, tell }: Telling,
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
    const outcome = await execute(plan, decided, session, { emit, cancellation: cancel }, target);
    // Whoever reads events has the end of the run.
    if (io.emit === undefined) note(await outcomeText(outcome, plan, io));
    const told = await tell(outcome);
    const exitCode = exitCodes[outcome.status] || (told ?? 0);
    // A stage is still at work and would keep this process alive. One that is followed leaves by itself, and says so.
    if (outcome.abandoned && !isWatched()) process.exit(exitCode);
    return exitCode;
  } finally {
    close();
    stopListening();
  }
}

/** Shows events as lines and tells the follower of them, unless somebody takes them all. */
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
  return { emit: observedBy(showRun(lines), tellMilestones), close };
}

const notesOf = ({ decisions, notes = [] }: Decided): readonly string[] => [
  ...notes,
  ...[...decisions.values()].flatMap(decision =>
    decision.kind === 'run' && decision.warning !== undefined ? [decision.warning] : [],
  ),
];

/** Stops the run on Ctrl-C, or when the watcher that started it says so. */
async function listen(cancel: Cancellation, note: (text: string) => void, { env }: Io): Promise<() => void> {
  const { onStopRequests } = await import('../run/execute/stop-requests.ts');
  const stop = () => {
    // A watcher says it in its own words.
    if (!cancel.signal.aborted && !isWatched('watch'))
      note('finishing the iteration, saving… press Ctrl-C again to stop at once');
    cancel.request();
  };
  return onStopRequests({ stop, note, env });
}
