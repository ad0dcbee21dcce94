import type { Env } from '../../core/env.ts';
import { Interrupted } from '../../core/failure.ts';

/** Cancellation of a run: the first request stops it at the next safe point, the second at once. */
export interface Cancellation {
  /** Aborted at the first request. */
  readonly signal: AbortSignal;
  /** Aborted at the second. */
  readonly stopNow: AbortSignal;
  request(): void;
}

export function cancellation(): Cancellation {
  const gentle = new AbortController();
  const hard = new AbortController();
  return {
    signal: gentle.signal,
    stopNow: hard.signal,
    request() {
      if (gentle.signal.aborted) hard.abort(new Interrupted());
      else gentle.abort(new Interrupted());
    },
  };
}

/** Milliseconds within which npm's copy of a Ctrl-C arrives. */
const ECHO = 500;

export interface StopSignalOptions {
  /** Milliseconds. */
  readonly now?: () => number;
}

/**
 * Calls `request` on SIGINT, SIGTERM and SIGHUP. Returns a function that ends this.
 *
 * One Ctrl-C under `npm run` arrives twice, from the terminal and from npm: the second one is ignored. SIGHUP counts only for a
 * process with a terminal: Node overrides nohup's ignoring of it.
 */
export function onStopSignals(
  request: () => void,
  env: Env,
  { now = Date.now }: StopSignalOptions = {},
): () => void {
  const echo = env['npm_lifecycle_event'] === undefined ? 0 : ECHO;
  let lastAt = -Infinity;
  const stop = () => {
    if (now() - lastAt < echo) return;
    lastAt = now();
    request();
  };
  const hangUp = () => {
    const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    // A closing terminal sends it more than once: through the kernel and through the shell.
    if (hasTerminal && lastAt === -Infinity) stop();
  };
  const handlers = { SIGINT: stop, SIGTERM: stop, SIGHUP: hangUp };
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handler] of entries) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of entries) process.off(signal, handler);
  };
}
