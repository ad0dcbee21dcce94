import type { Decided } from '../run/session.ts';
import type { Io } from './io.ts';

/** Names the experiment that a run would only make again; answers the exit code. */
export function nothingChanged({ caching, equals }: Decided, advice: string, io: Io): number {
  // What was learned about the data is kept for the next time.
  caching.cache.save();
  io.stderr.write(`nothing changed: equals ${equals}${advice}\n`);
  if (io.stdout.isTTY !== true) io.stdout.write(`${equals}\n`);
  return 0;
}
