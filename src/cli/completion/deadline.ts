import { runInThread } from '../../host/own-thread.ts';

/**
 * Ends this process `ms` milliseconds from now, unless the returned function is called before. By a thread: code may never return to
 * the event loop.
 */
export function endWithin(ms: number): () => void {
  const thread = runInThread(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms});`);
  return () => void thread.terminate();
}
