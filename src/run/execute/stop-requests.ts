import type { Env } from '../../core/env.ts';
import { onStopSignals } from './cancel.ts';
import { followWatcher, isWatched, onceOfTwoWays } from '../process/watched.ts';

interface Listening {
  readonly stop: () => void;
  /** Shows a text from the watcher. */
  readonly note: (text: string) => void;
  readonly env: Env;
}

/** Calls `stop` on each stop request, by a signal or by the process that follows this one. Returns a function that ends this. */
export function onStopRequests({ stop, note, env }: Listening): () => void {
  if (!isWatched()) return onStopSignals(stop, env);
  const [bySignal, byWatcher] = onceOfTwoWays(stop);
  // npm's echo is handled by the process that passes signals on.
  const endSignals = onStopSignals(bySignal, {});
  const endWatcher = followWatcher(byWatcher, note);
  return () => {
    endSignals();
    endWatcher();
  };
}
