import type { Session } from '../run/session.ts';
import type { Decided } from '../run/decide/decision.ts';
import type { Io } from './io.ts';
import { registryIn, tellExperiment, type ForScripts } from './tell-experiment.ts';

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
  await tellExperiment({ id: equals, registry: registryIn(session), unchanged: true }, io, { json });
  return 0;
}
