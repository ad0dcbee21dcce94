import type { ProgressEvent } from '../../core/events.ts';
import type { StageRecord } from '../../core/experiment.ts';

/** How a stage's line ends. */
export interface LineEnd {
  readonly status: Exclude<StageRecord['status'], 'pending' | 'running'>;
  /** What it did, or why it was skipped, reused or failed. */
  readonly text: string | null;
  /** Duration in milliseconds; null for a stage that did not run. */
  readonly ms: number | null;
}

/** The line of a stage that is running. */
export interface Line {
  /** The stage runs now; never called for one that is skipped or reused. */
  started(): void;
  progress(event: ProgressEvent): void;
  warning(text: string): void;
  /** Lines worth reading, such as a table; shown as they are. */
  notice(text: string): void;
}

/** A stage as the display sees it: an id, and what to do when its turn comes. */
export interface Step {
  readonly id: string;
  /** Never rejects: a stage that fails is a line that says so. */
  run(line: Line): Promise<LineEnd>;
}

/** Shows a run, one line per stage. */
export interface Display {
  /** Runs the steps one after the other. */
  run(steps: readonly Step[]): Promise<void>;
  /** Says something that belongs to no stage, at any time. */
  note(text: string): void;
  /** Gives the terminal back in the middle of a run, before the process exits. */
  abandon(): void;
}

/** A stream to draw on. */
export type DisplayStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** True where a moving display helps: a terminal, outside CI, with colour allowed. */
export function isAnimated(
  stream: DisplayStream,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && !env['CI'] && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** The display that suits the stream. */
export async function openDisplay(
  stream: DisplayStream,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Display> {
  // A terminal that is closed, or a pipe whose reader is gone, must not end a run; there is nobody left to tell.
  stream.on('error', () => {});
  if (isAnimated(stream, env)) {
    const { TerminalDisplay } = await import('./terminal.ts');
    return new TerminalDisplay(stream);
  }
  const { openPlainDisplay } = await import('./plain.ts');
  return openPlainDisplay(stream);
}
