import { Worker } from 'node:worker_threads';

/**
 * Runs JavaScript in a thread of its own, which works even if the code of this one never returns to the event loop, and does not keep
 * the process alive.
 */
export function runInThread(code: string): Worker {
  // Nothing of NODE_OPTIONS is loaded into it.
  const thread = new Worker(code, { eval: true, env: {}, execArgv: [] });
  thread.unref();
  return thread;
}
