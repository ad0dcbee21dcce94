import { printableLines } from '../core/printable.ts';
import type { Plan } from '../plan/plan.ts';
import type { Cancellation } from '../run/execute/cancel.ts';
import type { Display } from '../run/display/display.ts';
import { isWatched } from '../run/process/watched.ts';
import type { RunTarget, RunOutcome } from '../run/execute/run.ts';
import type { Session } from '../run/session.ts';
import type { Decided } from '../run/decide/decision.ts';
import { withRegistry } from './hints.ts';
import type { Io } from './io.ts';

/** Runs a plan with a display until it ends or is stopped, and tells a script of it; returns the exit code. */
export function runToEnd(
  plan: Plan,
  decided: Decided,
  session: Session,
  io: Io,
  { beginning, json }: ForScripts & { readonly beginning?: RunTarget },
): Promise<number> {
  return runAndTell(plan, decided, session, io, {
    ...(beginning && { beginning }),
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
  readonly beginning?: RunTarget;
  /** Says what there is to say at the end; its answer, if there is one, is the exit code of a run that finished. */
  readonly tell: (outcome: RunOutcome) => number | void | Promise<number | void>;
}

/** Runs a plan with a display until it ends or is stopped; answers the exit code. */
export async function runAndTell(
  plan: Plan,
  decided: Decided,
  session: Session,
  io: Io,
  { beginning, tell }: Telling,
): Promise<number> {
  const [{ execute }, { openDisplay }, { cancellation }, { exitCodes, outcomeText }] = await Promise.all([
    import('../run/session.ts'),
    import('../run/display/display.ts'),
    import('../run/execute/cancel.ts'),
    import('./report-outcome.ts'),
  ]);
  const display = await openDisplay(io.stderr, io.env);
  const cancel = cancellation();
  const stopListening = await listen(cancel, display, io);
  try {
    for (const text of notesOf(decided)) display.note(printableLines(withRegistry(text, io)));
    const outcome = await execute(plan, decided, session, { display, cancellation: cancel }, beginning);
    display.note(await outcomeText(outcome, plan, io));
    const told = await tell(outcome);
    const exitCode = exitCodes[outcome.status] || (told ?? 0);
    if (outcome.abandoned) {
      // A stage is still at work and would keep this process alive.
      display.abandon();
      // One that is followed leaves by itself, and says so.
      if (!isWatched()) process.exit(exitCode);
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
  const { onStopRequests } = await import('../run/execute/stop-requests.ts');
  const stop = () => {
    // A watcher says it in its own words.
    if (!cancel.signal.aborted && !isWatched('watch'))
      display.note('finishing the iteration, saving… press Ctrl-C again to stop at once');
    cancel.request();
  };
  const note = (text: string) => {
    display.note(text);
  };
  return onStopRequests({ stop, note, env });
}
