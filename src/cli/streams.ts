import { explainSystemError } from '../core/system-error.ts';

/** Errors of a terminal that is gone, or of a reader that has closed, as in `pipe list | head -1`: not failures. */
const READER_GONE = new Set(['EPIPE', 'EIO', 'ECONNRESET']);

/**
 * Keeps a stream that cannot be written from ending the command: a run continues silently. Lost data of stdout makes the exit
 * code 1, and stderr gives the reason.
 */
export function guardStreams({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): void {
  // No stream is left for a message.
  stderr.on('error', () => {});
  let isFailed = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isFailed || READER_GONE.has(error.code ?? '')) return;
    isFailed = true;
    const { reason = error.message } = explainSystemError(error) ?? {};
    stderr.write(`error: cannot write to stdout: ${reason} (${error.code ?? 'unknown'})\n`);
  });
  process.on('exit', () => {
    if (isFailed && (process.exitCode ?? 0) === 0) process.exitCode = 1;
  });
}
