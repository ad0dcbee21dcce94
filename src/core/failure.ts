/**
 * Expected failures: what a user can cause and fix. Everything else that is thrown is a bug.
 *
 * A `Failure` is printed as its message, its details and the command that fixes it, never with a stack trace.
 */

/** A place in a text file. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Number of characters to mark, at least 1. */
  readonly length: number;
  /** The text of the line, for display with a marker under it. */
  readonly text: string;
}

/** One thing wrong with a user's configuration or data, with its place where one is known. */
export interface Problem {
  /** A stable kebab-case name, such as `unknown-parameter`. */
  readonly code: string;
  /** `warning` for what is shown and stops nothing; an error otherwise. */
  readonly severity?: 'warning';
  /** One sentence: what is wrong, with the value found. */
  readonly message: string;
  readonly location?: Location;
  readonly expected?: string;
  readonly found?: string;
  /** The nearest known name, for “did you mean”. */
  readonly suggestion?: string;
  /** The fix, ideally a command. */
  readonly hint?: string;
}

/** True for an error, false for a warning. */
export const isError = ({ severity }: Problem): boolean => severity !== 'warning';

/** Exit codes of the command: 1 the run failed, 2 bad usage or configuration, 4 superseded, 130 interrupted. */
export type ExitCode = 1 | 2 | 4 | 130;

export interface FailureOptions {
  readonly code: string;
  readonly message: string;
  readonly exitCode?: ExitCode;
  /** Further lines of explanation. */
  readonly details?: readonly string[];
  /** The command or action that fixes it. */
  readonly hint?: string;
  /** Every problem found, for configuration failures. */
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/** An expected failure. Throw it with everything that the user needs to fix it. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly details: readonly string[];
  readonly hint: string | undefined;
  readonly problems: readonly Problem[];

  constructor(options: FailureOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.exitCode = options.exitCode ?? 1;
    this.details = options.details ?? [];
    this.hint = options.hint;
    this.problems = options.problems ?? [];
  }
}

/** Thrown by a stage that stopped at a safe point because its signal was aborted. */
export class Interrupted extends Error {
  override readonly name: string = 'Interrupted';
  constructor(message = 'interrupted') {
    super(message);
  }
}

/** Thrown by a stage that stopped after the step `context.pauseAt`, with its state kept. */
export class Paused extends Interrupted {
  override readonly name = 'Paused';
  /** @param unit Of steps, in the singular, such as `iteration`. */
  constructor(unit: string, step: number, total: number) {
    super(`paused at ${unit} ${step} of ${total}`);
  }
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
