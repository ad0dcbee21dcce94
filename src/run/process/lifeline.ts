import type { StdioOptions } from 'node:child_process';
import { Worker } from 'node:worker_threads';

/** Descriptor of a child process: a pipe that closes when its starter is gone. */
const LIFELINE = 5;

/** stdio entries of `fork` for descriptors 4 and 5, of which 4 is unused. */
export const LIFELINE_STDIO = ['ignore', 'pipe'] as const satisfies StdioOptions;

/**
 * Ends this process `ms` milliseconds after its starter is gone, from a thread: code that blocks the event loop must end as well.
 */
export function endWithStarter(ms: number): Worker {
  const thread = new Worker(
    `const { Socket } = require('node:net');
     new Socket({ fd: ${LIFELINE} }).on('error', () => {}).on('close', () => {
       setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms});
     }).resume();`,
    // Without the modules of NODE_OPTIONS.
    { eval: true, env: {}, execArgv: [] },
  );
  thread.unref();
  return thread;
}
