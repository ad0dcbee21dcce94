import { formatDuration } from '../../core/format.ts';
import type { Display, DisplayStream, Line, LineEnd } from './display.ts';
import { endText, manyLines, oneLine, progressText } from './format.ts';

/** Milliseconds between two progress lines of a stage. */
const PROGRESS_INTERVAL = 10_000;

/**
 * Plain lines for files, pipes and CI: one when a stage starts, one when it ends, and progress now and then.
 * `now` answers milliseconds.
 */
export function openPlainDisplay(stream: DisplayStream, now: () => number = Date.now): Display {
  // Bound here: while a stage runs, the stream's own write leads into the stage's log.
  const write: (text: string) => boolean = stream.write.bind(stream);
  const say = (text: string) => void write(`${text}\n`);
  return {
    note: say,
    abandon: () => {},
    async run(steps) {
      for (const step of steps) say(endLine(step.id, await step.run(startLine(step.id, say, now))));
    },
  };
}

/** Says that the stage started at its first sign of life, so that skipped stages have one line only. */
function startLine(id: string, say: (text: string) => void, now: () => number): Line {
  let shownAt = now();
  return {
    started: () => {
      say(`${id}: started`);
    },
    progress(event) {
      if (now() - shownAt < PROGRESS_INTERVAL) return;
      shownAt = now();
      say(`${id}: ${progressText(event)}`);
    },
    warning: text => {
      say(`${id}: warning: ${oneLine(text)}`);
    },
    notice: text => {
      say(manyLines(text));
    },
  };
}

function endLine(id: string, end: LineEnd): string {
  return `${id}: ${endText(end)}${end.ms === null ? '' : ` (${formatDuration(end.ms)})`}`;
}
