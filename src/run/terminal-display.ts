import { EOL } from 'node:os';
import {
  ANSI_ESCAPE_CODES,
  DefaultRenderer,
  Listr,
  ListrEventType,
  ListrLogger,
  ProcessOutput,
  type ListrTaskWrapper,
} from 'listr2';
import pico from 'picocolors';
import { formatDuration } from '../core/format.ts';
import type { Display, DisplayStream, Line, LineEnd, Step } from './display.ts';
import { endText, manyLines, oneLine, progressText } from './format.ts';

/** Milliseconds between two drawings of a stage's progress. */
const DRAW_INTERVAL = 100;

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
  /** Notices, kept for the end of the run. */
  readonly #afterwards: string[] = [];

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
    const listr = new Listr(tasks, listrOptions(this.#stream, notes));
    this.#notes = notes;
    this.#redraw = () => {
      listr.events.emit(ListrEventType.SHOULD_REFRESH_RENDER);
    };
    const takeBack = lendWidth(this.#stream);
    await listr.run();
    takeBack();
    for (const text of this.#afterwards.splice(0)) this.#write(`${text}\n`);
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
        task.title = `${name}  ${progressText(event)}`;
      },
      warning: text => {
        this.note(`${colors.yellow('⚠')} ${id}: ${oneLine(text)}`);
      },
      // Longer than a terminal is high, perhaps: drawn again and again it would flicker.
      notice: text => void this.#afterwards.push(manyLines(text)),
    };
  }
}

function listrOptions(stream: DisplayStream, notes: readonly string[]) {
  const output = stream as NodeJS.WriteStream;
  // listr2 asks whether stdout is a terminal; this display was chosen because its own stream is one.
  class Renderer extends DefaultRenderer {
    static override nonTTY = true;
    override create(options?: Parameters<DefaultRenderer['create']>[0]): string {
      return [super.create(options), ...notes].join(EOL);
    }
  }
  return {
    renderer: Renderer,
    rendererOptions: {
      logger: new ListrLogger({ processOutput: new ProcessOutput(output, output) }),
      formatOutput: 'truncate',
    },
    exitOnError: false,
    registerSignalListeners: false,
  } as const;
}

/** listr2 cuts lines to the width of stdout, which has none where a script reads it. Answers a function that ends this. */
function lendWidth(stream: DisplayStream): () => void {
  if (process.stdout.isTTY) return () => {};
  Object.defineProperty(process.stdout, 'columns', { get: () => stream.columns, configurable: true });
  return () => {
    Reflect.deleteProperty(process.stdout, 'columns');
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
