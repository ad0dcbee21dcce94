import type { StdioOptions } from 'node:child_process';
import type { Worker } from 'node:worker_threads';
import { runInThread } from '../../host/own-thread.ts';

/** Descriptor of a child process: a pipe that closes when its starter is gone. */
const LIFELINE = 5;

/** stdio entries of `fork` for descriptors 4 and 5, of which 4 is unused. */
export const LIFELINE_STDIO = ['ignore', 'pipe'] as const satisfies StdioOptions;

/**
 * Ends this process `ms` milliseconds after the one that started it is gone. By a thread: code that never returns to the event loop
 * must end with its starter, too.
 */
export const endWithStarter = (ms: number): Worker =>
  runInThread(
    `const { Socket } = require('node:net');
     new Socket({ fd: ${LIFELINE} }).on('error', () => {}).on('close', () => {
       setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms});
     }).resume();`,
  );
