import {
  ANSI_ESCAPE_CODES,
  type DefaultRenderer,
  Listr,
  ListrEventType,
  type ListrTaskWrapper,
} from 'listr2';
import pico from 'picocolors';
import { formatDuration } from '../../core/format.ts';
import type { Display, DisplayStream, Line, LineEnd, Step } from './display.ts';
import { endText, firstLines, manyLines, oneLine, progressBar, progressText } from './format.ts';
import { rendererFor, widthOf } from './terminal-renderer.ts';

/** Milliseconds between two drawings of a stage's progress. */
const DRAW_INTERVAL = 100;

/** Lines of notices that are shown. */
const MOST_LINES = 8;

const colors = pico.createColors(true);

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof DefaultRenderer>;

/** A moving display for terminals: a line per stage, and notes below them while a run is shown. */
export class TerminalDisplay implements Display {
  readonly #stream: DisplayStream;
  readonly #now: () => number;
  /** The stream's own write, whatever listr2 and a stage's log put in its place. */
  readonly #write: (text: string) => boolean;
  /** Shown below the lines; undefined between runs. */
  #notes: string[] | undefined;
  #redraw = () => {};
  /** Notices by stage, kept for the end of the run. */
  readonly #afterwards: (readonly [stage: string, text: string])[] = [];

  /** `now` answers milliseconds. */
  constructor(stream: DisplayStream, now: () => number = Date.now) {
    this.#stream = stream;
    this.#now = now;
    this.#write = stream.write.bind(stream);
  }

  note(text: string): void {
    if (this.#notes === undefined) this.#write(`${text}\n`);
    else this.#notes.push(text);
    this.#redraw();
  }

  abandon(): void {
    this.#write(ANSI_ESCAPE_CODES.CURSOR_SHOW);
  }

  async run(steps: readonly Step[]): Promise<void> {
    const notes: string[] = [];
    const bugs: unknown[] = [];
    const width = Math.max(...steps.map(step => step.id.length));
    const tasks = steps.map(step => ({
      title: step.id,
      task: async (_: unknown, task: Task) => {
        const name = step.id.padEnd(width);
        const end = await step.run(this.#line(step.id, name, task)).catch((error: unknown) => {
          bugs.push(error);
          throw error;
        });
        show(end, name, task);
      },
    }));
    const listr = new Listr(tasks, {
      ...rendererFor(this.#stream, notes),
      exitOnError: false,
      registerSignalListeners: false,
    });
    this.#notes = notes;
    this.#redraw = () => {
      listr.events.emit(ListrEventType.SHOULD_REFRESH_RENDER);
    };
    const takeBack = lendWidth(this.#stream);
    const redraw = this.#redraw;
    this.#stream.on('resize', redraw);
    await listr.run();
    this.#stream.off('resize', redraw);
    takeBack();
    const notices = this.#afterwards.splice(0);
    if (notices.length > 0) this.#write(`${firstLines(notices, MOST_LINES)}\n`);
    this.#notes = undefined;
    this.#redraw = () => {};
    if (bugs.length > 0) throw bugs[0];
  }

  /** A stage may block timers, so each progress event draws by itself. */
  #line(id: string, name: string, task: Task): Line {
    let drawnAt = -Infinity;
    return {
      started: () => {},
      progress: event => {
        if (this.#now() - drawnAt < DRAW_INTERVAL) return;
        drawnAt = this.#now();
        const bar = progressBar(event, widthOf(this.#stream));
        task.title = `${name}  ${bar}${progressText(event)}`;
      },
      warning: text => {
        this.note(`${colors.yellow('⚠')} ${id}: ${oneLine(text)}`);
      },
      // Longer than a terminal is high, perhaps: drawn again and again it would flicker.
      notice: text => void this.#afterwards.push([id, manyLines(text)]),
    };
  }
}

/**
 * listr2 cuts lines to the width of stdout, which has none where a script reads it, and learns of a resize at another moment
 * than the stream. Returns a function that ends this.
 */
function lendWidth(stream: DisplayStream): () => void {
  const { stdout } = process;
  const own = Object.getOwnPropertyDescriptor(stdout, 'columns');
  Object.defineProperty(stdout, 'columns', { get: () => widthOf(stream), set: () => {}, configurable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(stdout, 'columns');
    else Object.defineProperty(stdout, 'columns', { ...own, value: stream.columns });
  };
}

/** Ends a line; listr2 takes a failed one as an error. */
function show(end: LineEnd, name: string, task: Task): void {
  const duration = end.ms === null ? '' : `  ${colors.dim(formatDuration(end.ms))}`;
  const text = `${name}  ${endText(end)}${duration}`;
  switch (end.status) {
    case 'ran':
    case 'reused':
      task.title = text;
      return;
    case 'skipped':
    case 'interrupted':
      task.skip(text);
      return;
    case 'failed':
      throw new Error(text);
  }
}
