import { formatDuration } from '../../core/format.ts';
import { endText, manyLines, oneLine, progressText } from './format.ts';
import type { LineEnd, Lines } from './lines.ts';
import type { DisplayStream } from './stream.ts';

/** Milliseconds between two progress lines of a stage. */
const PROGRESS_INTERVAL = 10_000;

/**
 * Plain lines for files, pipes and CI: one when a stage starts, one when it ends, and occasional progress. `now` returns
 * milliseconds.
 */
export function openPlainLines(stream: DisplayStream, now: () => number = Date.now): Lines {
  // Bound early: while a stage runs, the stream's write goes to the stage's log.
  const write: (text: string) => boolean = stream.write.bind(stream);
  const say = (text: string) => void write(`${text}\n`);
  let shownAt = now();
  return {
    open() {
      shownAt = now();
    },
    started(id) {
      shownAt = now();
      say(`${id}: started`);
    },
    progress(id, event) {
      if (now() - shownAt < PROGRESS_INTERVAL) return;
      shownAt = now();
      say(`${id}: ${progressText(event)}`);
    },
    warning(id, text) {
      say(`${id}: warning: ${oneLine(text)}`);
    },
    notice(_, text) {
      say(manyLines(text));
    },
    ended(id, end) {
      say(endLine(id, end));
    },
    note: say,
    close() {},
  };
}

function endLine(id: string, end: LineEnd): string {
  return `${id}: ${endText(end)}${end.ms === null ? '' : ` (${formatDuration(end.ms)})`}`;
}
