import { Worker } from 'node:worker_threads';

/**
 * Ends this process `ms` milliseconds from now, unless the returned function is called before. By a thread: code may never return to
 * the event loop.
 */
export function endWithin(ms: number): () => void {
  const kill = `setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms});`;
  // Nothing of NODE_OPTIONS is loaded into it.
  const thread = new Worker(kill, { eval: true, env: {}, execArgv: [] });
  thread.unref();
  return () => void thread.terminate();
}
