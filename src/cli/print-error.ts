import { Failure, Interrupted } from '../core/failure.ts';
import type { Io } from './io.ts';

/** Prints what went wrong to stderr and answers the exit code. Stack traces are for bugs alone. */
export function printError(error: unknown, io: Io): number {
  if (error instanceof Interrupted) {
    io.stderr.write(`${error.message}\n`);
    return 130;
  }
  if (error instanceof Failure) {
    io.stderr.write(`error: ${error.message}\n`);
    for (const line of error.details) io.stderr.write(`  ${line}\n`);
    if (error.hint !== undefined) io.stderr.write(`  → ${error.hint}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`This is a bug in pipe: please report it with the lines below.\n${text}\n`);
  return 1;
}
