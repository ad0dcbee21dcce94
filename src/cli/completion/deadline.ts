import { Worker } from 'node:worker_threads';

/**
 * Ends this process in `ms` milliseconds unless the returned function is called, from a thread: the code may block the event
 * loop.
 */
export function endWithin(ms: number): () => void {
  const kill = `setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms});`;
  // Without the modules of NODE_OPTIONS.
  const thread = new Worker(kill, { eval: true, env: {}, execArgv: [] });
  thread.unref();
  return () => void thread.terminate();
}
