import type { StdioOptions } from 'node:child_process';
import { Worker } from 'node:worker_threads';

/** Descriptor of a child process: a pipe that closes when the process that started it is gone. */
const LIFELINE = 5;

/** What a starter passes to `fork` for descriptors 4 and 5, where 4 is not used. */
export const LIFELINE_STDIO = ['ignore', 'pipe'] as const satisfies StdioOptions;

/**
 * Ends this process `ms` milliseconds after the one that started it is gone. By a thread: code that never returns to the event loop
 * must end with its starter, too.
 */
export function endWithStarter(ms: number): Worker {
  const thread = new Worker(
    `const { Socket } = require('node:net');
     new Socket({ fd: ${LIFELINE} }).on('error', () => {}).on('close', () => {
       setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms});
     }).resume();`,
    // Nothing of NODE_OPTIONS is loaded into it.
    { eval: true, env: {}, execArgv: [] },
  );
  thread.unref();
  return thread;
}
