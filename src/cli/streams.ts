import { explainSystemError } from '../core/system-error.ts';

/** What a terminal answers that is gone, or a reader that has seen enough, as in `pipe list | head -1`: no error. */
const READER_GONE = new Set(['EPIPE', 'EIO', 'ECONNRESET']);

/**
 * Keeps a stream that cannot be written from ending the command: a run goes on without its words. Data that stdout did not
 * take makes the exit code 1, and stderr says why.
 */
export function guardStreams({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): void {
  // There is nowhere to say it.
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
