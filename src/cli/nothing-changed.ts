import type { Session } from '../run/session.ts';
import type { Decided } from '../run/decide/decision.ts';
import type { Io } from './io.ts';
import { tellExperiment, type ForScripts } from './run-to-end.ts';

/** Reports the experiment that a run would only repeat; returns the exit code. */
export async function nothingChanged(
  { caching, equals = '' }: Decided,
  advice: string,
  io: Io,
  { session, json }: ForScripts & { readonly session: Session },
): Promise<number> {
  // Hashes of data are saved for the next run.
  caching.cache.save();
  if (io.emit === undefined) io.stderr.write(`nothing changed: equals ${equals}${advice}\n`);
  else io.emit({ type: 'unchanged', experiment: equals });
  await tellExperiment({ id: equals, unchanged: true }, session, io, { json });
  return 0;
}
