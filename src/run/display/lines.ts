import type { ProgressEvent } from '../../core/events.ts';
import type { StageRecord } from '../../core/experiment.ts';

/** How a line ends. */
export interface LineEnd {
  readonly status: Exclude<StageRecord['status'], 'pending' | 'running'>;
  /** What it did, or why it was skipped, reused or failed. */
  readonly text: string | null;
  /** Duration in milliseconds; null for what did not run. */
  readonly ms: number | null;
}

/** A list of lines, one for each stage or step, with notes between or below them. It only shows: it runs nothing. */
export interface Lines {
  /** Begins the list. */
  open(ids: readonly string[]): void;
  /** Never called for a line that is skipped or reused. */
  started(id: string): void;
  progress(id: string, event: ProgressEvent): void;
  warning(id: string, text: string): void;
  /** Lines worth reading, such as a table; shown as they are. */
  notice(id: string, text: string): void;
  ended(id: string, end: LineEnd): void;
  /** Shows what belongs to no line, at any time. */
  note(text: string): void;
  /** Ends the list, whatever has become of its lines, and gives the terminal back. */
  close(): void;
}
