import { Failure, Interrupted } from '../core/failure.ts';
import { printable, printableLines } from '../core/printable.ts';
import { renderProblems } from './diagnostics.ts';
import { failedEvent } from './failed-event.ts';
import { hintOf, withRegistry } from './hints.ts';
import type { Io } from './io.ts';
import { colorsFor } from './terminal.ts';

/** Prints an error to stderr; returns the exit code. Only bugs show a stack trace. */
export function printError(error: unknown, io: Io): number {
  if (io.emit !== undefined) {
    const event = failedEvent(error);
    io.emit(event);
    return event.exitCode;
  }
  if (error instanceof Interrupted) {
    io.stderr.write(`${printable(error.message)}\n`);
    return 130;
  }
  if (error instanceof Failure) {
    printFailure(error, io);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`This is a bug in pipe: please report it with the lines below.\n${printableLines(text)}\n`);
  return 1;
}

function printFailure(failure: Failure, io: Io): void {
  const problems = failure.problems.map(problem => ({
    ...problem,
    ...(problem.hint !== undefined && { hint: withRegistry(problem.hint, io) }),
  }));
  const colors = colorsFor(io.stderr, io.env);
  const here = (text: string) => printableLines(withRegistry(text, io));
  io.stderr.write(renderProblems(problems, colors));
  const hint = hintOf(failure);
  const rest = [
    ...failure.details.map(line => `  ${here(line)}`),
    ...(hint === undefined ? [] : [`  → ${here(hint)}`]),
  ];
  // With problems, the message is a summary: not needed for one problem without further lines, nor for the failure itself as a
  // problem.
  const [first] = problems;
  const isSaid = problems.length === 1 && (rest.length === 0 || first?.code === failure.code);
  const head = problems.length > 0 ? '\n' : `${colors.red('error:')} `;
  const lines = [...(isSaid ? [] : [`${head}${here(failure.message)}`]), ...rest];
  io.stderr.write(lines.map(line => `${line}\n`).join(''));
}
