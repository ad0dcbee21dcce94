import type { Command } from 'commander';
import type { Env } from '../core/env.ts';
import type { Observer } from '../run/events.ts';
import type { Progress } from './progress.ts';

/** Input and output of a command. Data goes to stdout, everything else to stderr. */
export interface Io {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Env;
  readonly cwd: string;
  /** `--experiments` as given on the command line; commands in messages repeat it. */
  readonly experiments?: string;
  /** `--progress` of the command line. */
  readonly progress?: Progress;
  /** Receives events instead of text on stderr, with `--progress jsonl`. */
  readonly emit?: Observer | undefined;
}

/** Result of a command's action: an exit code. */
export type Action<A extends unknown[]> = (...args: A) => Promise<number>;

/** Services of main for each command file. */
export interface Cli {
  readonly io: Io;
  /** Wraps an action, so that main gets its exit code and failures. */
  action<A extends unknown[]>(action: Action<A>): (...args: A) => Promise<void>;
}

/** One command: its name, options and help. Heavy imports belong inside its action. */
export type CommandFactory = (cli: Cli) => Command;
