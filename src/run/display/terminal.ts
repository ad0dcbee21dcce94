import { DefaultRenderer, Listr, ListrTaskState } from 'listr2';
import pico from 'picocolors';
import { formatDuration } from '../../core/format.ts';
import type { ProgressEvent } from '../../core/events.ts';
import { endText, firstLines, manyLines, oneLine, progressBar, progressText } from './format.ts';
import type { LineEnd, Lines } from './lines.ts';
import type { DisplayStream } from './stream.ts';
import { loadRenderer, widthOf, type TaskRenderer } from './terminal-renderer.ts';

/** Milliseconds between two redraws of a stage's progress. */
const DRAW_INTERVAL = 100;

/** Most lines of notices to show. */
const MOST_LINES = 16;

const colors = pico.createColors(true);

type List = Listr<unknown, typeof DefaultRenderer, typeof DefaultRenderer>;
type Task = List['tasks'][number];

const STATES = {
  ran: ListrTaskState.COMPLETED,
  reused: ListrTaskState.COMPLETED,
  skipped: ListrTaskState.SKIPPED,
  interrupted: ListrTaskState.SKIPPED,
  failed: ListrTaskState.FAILED,
} as const;

/** An animated display for terminals, with notes below the lines while they are shown. `now` returns milliseconds. */
export async function openTerminalLines(stream: DisplayStream, now: () => number = Date.now): Promise<Lines> {
  // Only listr2's tasks and renderer; it does not run the tasks.
  const renderers = { renderer: DefaultRenderer, fallbackRenderer: DefaultRenderer };
  const list: List = new Listr([], { ...renderers, exitOnError: false, registerSignalListeners: false });
  const notes: string[] = [];
  const renderer = await loadRenderer(stream, list.tasks, list.events, notes);
  return new TerminalLines(stream, list, renderer, notes, now);
}

class TerminalLines implements Lines {
  readonly #stream: DisplayStream;
  readonly #list: List;
  readonly #renderer: TaskRenderer;
  /** Shown below the lines. */
  readonly #notes: string[];
  readonly #now: () => number;
  /** The stream's own write, which listr2 and a stage's log replace. */
  readonly #write: (text: string) => boolean;
  readonly #tasks = new Map<string, Task>();
  /** Notices by stage, kept for the end of the run. */
  readonly #notices: (readonly [stage: string, text: string])[] = [];
  #width = 0;
  #drawnAt = -Infinity;
  #takeBack: (() => void) | undefined;

  constructor(stream: DisplayStream, list: List, renderer: TaskRenderer, notes: string[], now: () => number) {
    this.#stream = stream;
    this.#list = list;
    this.#renderer = renderer;
    this.#notes = notes;
    this.#now = now;
    this.#write = stream.write.bind(stream);
  }

  open(ids: readonly string[]): void {
    this.#width = Math.max(...ids.map(id => id.length));
    this.#list.add(ids.map(id => ({ title: id, task: () => {} })));
    for (const [index, task] of this.#list.tasks.entries()) {
      // As listr2's own run does.
      Object.assign(task, { enabled: true });
      this.#tasks.set(ids[index] ?? '', task);
    }
    this.#takeBack = lendWidth(this.#stream);
    this.#stream.on('resize', this.#redraw);
    this.#renderer.begin();
    this.#start();
  }

  readonly #redraw = (): void => {
    this.#renderer.redraw();
  };

  /** Marks the first line that has not ended as running. */
  #start(): void {
    const next = this.#list.tasks.find(task => !task.hasFinalized());
    if (next !== undefined && !next.isStarted()) next.state$ = ListrTaskState.STARTED;
  }

  started(): void {}

  /** A stage may block timers, so each progress event draws by itself. */
  progress(id: string, event: ProgressEvent): void {
    const task = this.#tasks.get(id);
    if (task === undefined || this.#now() - this.#drawnAt < DRAW_INTERVAL) return;
    this.#drawnAt = this.#now();
    const bar = progressBar(event, widthOf(this.#stream));
    task.title$ = `${this.#name(id)}  ${bar}${progressText(event)}`;
  }

  warning(id: string, text: string): void {
    this.note(`${colors.yellow('⚠')} ${id}: ${oneLine(text)}`);
  }

  // Kept for the end: a notice higher than the terminal would flicker when redrawn.
  notice(id: string, text: string): void {
    this.#notices.push([id, manyLines(text)]);
  }

  ended(id: string, end: LineEnd): void {
    const task = this.#tasks.get(id);
    if (task === undefined) return;
    const duration = end.ms === null ? '' : `  ${colors.dim(formatDuration(end.ms))}`;
    task.title = `${this.#name(id)}  ${endText(end)}${duration}`;
    task.state$ = STATES[end.status];
    this.#drawnAt = -Infinity;
    this.#start();
  }

  note(text: string): void {
    if (this.#takeBack === undefined) this.#write(`${text}\n`);
    else {
      this.#notes.push(text);
      this.#renderer.redraw();
    }
  }

  close(): void {
    if (this.#takeBack === undefined) return;
    this.#stream.off('resize', this.#redraw);
    this.#renderer.end();
    this.#takeBack();
    this.#takeBack = undefined;
    if (this.#notices.length > 0) this.#write(`${firstLines(this.#notices, MOST_LINES)}\n`);
  }

  #name(id: string): string {
    return id.padEnd(this.#width);
  }
}

/**
 * Sets the width of stdout, which listr2 cuts lines to, to that of the stream: stdout has none when piped, and learns of a resize
 * at another time. Returns a function that ends this.
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
