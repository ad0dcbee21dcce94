import type { Env } from '../../core/env.ts';
import { Interrupted } from '../../core/failure.ts';

/** The way to stop a run: asked once, at the next safe point; asked twice, at once. */
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

type Environment = Env;

/** Milliseconds in which npm's copy of a Ctrl-C arrives. */
const ECHO = 500;

export interface StopSignalOptions {
  /** Milliseconds. */
  readonly now?: () => number;
}

/**
 * Calls `request` when this process is asked to end. Returns a function that ends this.
 *
 * One press of Ctrl-C under `npm run` comes twice, from the terminal and from npm: the second is its echo, and is left out.
 * A hang-up counts only for a process with a terminal: Node undoes nohup's ignoring of it.
 */
export function onStopSignals(
  request: () => void,
  env: Environment,
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
    // A terminal that closes sends it more than once: through the kernel, and through the shell.
    if (hasTerminal && lastAt === -Infinity) stop();
  };
  const handlers = { SIGINT: stop, SIGTERM: stop, SIGHUP: hangUp };
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handler] of entries) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of entries) process.off(signal, handler);
  };
}
