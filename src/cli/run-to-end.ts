import type { Plan } from '../plan/plan.ts';
import type { Cancellation } from '../run/cancel.ts';
import type { Display } from '../run/display.ts';
import type { Beginning } from '../run/run-plan.ts';
import type { Decided, Session } from '../run/session.ts';
import type { Io } from './io.ts';

/** Runs a plan with a display until it ends or is stopped; answers the exit code. */
export async function runToEnd(
  plan: Plan,
  decided: Decided,
  session: Session,
  io: Io,
  beginning?: Beginning,
): Promise<number> {
  const [{ execute }, { openDisplay }, { cancellation }, { exitCodes, outcomeText }] = await Promise.all([
    import('../run/session.ts'),
    import('../run/display.ts'),
    import('../run/cancel.ts'),
    import('./report-outcome.ts'),
  ]);
  const display = await openDisplay(io.stderr, io.env);
  const cancel = cancellation();
  const stopListening = await listen(cancel, display, io);
  try {
    for (const text of notesOf(decided)) display.note(text);
    const outcome = await execute(plan, decided, session, { display, cancellation: cancel }, beginning);
    display.note(await outcomeText(outcome, plan, io));
    const exitCode = exitCodes[outcome.status];
    // In a terminal the lines above have said it; a script gets the id.
    if (io.stdout.isTTY !== true) io.stdout.write(`${outcome.id}\n`);
    if (outcome.abandoned) {
      // A stage is still at work and would keep this process alive.
      display.abandon();
      process.exit(exitCode);
    }
    return exitCode;
  } finally {
    stopListening();
  }
}

const notesOf = ({ decisions, notes = [] }: Decided): readonly string[] => [
  ...notes,
  ...[...decisions.values()].flatMap(decision =>
    decision.kind === 'run' && decision.warning !== undefined ? [decision.warning] : [],
  ),
];

/** Stops the run on Ctrl-C, or when the watcher that started it says so. */
async function listen(cancel: Cancellation, display: Display, { env }: Io): Promise<() => void> {
  const { onStopSignals } = await import('../run/cancel.ts');
  const { followWatcher, isWatched } = await import('../run/watched.ts');
  const onSignal = () => {
    if (!cancel.signal.aborted)
      display.note('finishing the iteration, saving… press Ctrl-C again to stop at once');
    cancel.request();
  };
  const endSignals = onStopSignals(onSignal, env, { isRelayed: isWatched() });
  if (!isWatched()) return endSignals;
  const endWatcher = followWatcher(
    () => {
      cancel.request();
    },
    text => {
      display.note(text);
    },
  );
  return () => {
    endSignals();
    endWatcher();
  };
}
