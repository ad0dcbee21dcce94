import type { ProgressEvent } from '../../core/events.ts';
import type { StageRecord } from '../../core/experiment.ts';

/** The end of a line. */
export interface LineEnd {
  readonly status: Exclude<StageRecord['status'], 'pending' | 'running'>;
  /** Its report, or why it was skipped, reused or failed. */
  readonly text: string | null;
  /** Duration in milliseconds; null for what did not run. */
  readonly ms: number | null;
}

/** A display of one line for each stage or step, with notes between or below. It only shows: it runs nothing. */
export interface Lines {
  /** Begins the list. */
  open(ids: readonly string[]): void;
  /** Never called for a line that is skipped or reused. */
  started(id: string): void;
  progress(id: string, event: ProgressEvent): void;
  warning(id: string, text: string): void;
  /** Several lines, such as a table, shown unchanged. */
  notice(id: string, text: string): void;
  ended(id: string, end: LineEnd): void;
  /** Shows text that belongs to no line, at any time. */
  note(text: string): void;
  /** Ends the list in any state and releases the terminal. */
  close(): void;
}
