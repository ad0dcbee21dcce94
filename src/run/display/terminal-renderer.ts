import { EOL } from 'node:os';
import { DefaultRenderer, type ListrEventManager, ListrLogger, ProcessOutput, Spinner } from 'listr2';
import stringWidth from 'string-width';
import type { DisplayStream } from './stream.ts';

/** Members of listr2's renderer that its types do not declare. */
interface Internals {
  /** Its stream writes to the terminal while all other output is held back. */
  readonly logger: { readonly process: { readonly stdout: NodeJS.WritableStream } };
  readonly updater: { readonly done: () => void };
}

type Tasks = ConstructorParameters<typeof DefaultRenderer>[0];

/** Columns of a terminal; 80 where unknown (0 by 0), as for a container that has just started. */
export const widthOf = ({ columns }: Pick<DisplayStream, 'columns'>): number => columns || 80;

/** Output with the stream's current size: listr2 draws through a copy of the stream, which would keep the initial size. */
class SizedOutput extends ProcessOutput {
  override get stdout(): NodeJS.WriteStream {
    const { stdout } = this.stream;
    return Object.defineProperties(stdout.out, {
      columns: { get: () => widthOf(this.#sized) },
      rows: { get: () => this.#sized.rows || 24 },
    });
  }

  readonly #sized: NodeJS.WriteStream;

  constructor(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream) {
    super(stdout, stderr);
    this.#sized = stdout;
  }

  /** Delayed until `begin`: the renderer only loads its dependencies before. */
  override hijack(): void {}

  /** Gives the terminal to the renderer alone. */
  begin(): void {
    super.hijack();
  }
}

/**
 * A spinner that turns from `begin` on. Its timer must not keep the process alive, or a stage whose promise never settles would
 * go unnoticed.
 */
class UnrefSpinner extends Spinner {
  #begin = () => {};

  override start(draw?: () => void, interval?: number): void {
    this.#begin = () => {
      super.start(draw, interval);
      (this as unknown as { readonly id: NodeJS.Timeout }).id.unref();
    };
  }

  begin(): void {
    this.#begin();
  }
}

/** Renderer of listr2's list of tasks on a stream, with notes below; the tasks run elsewhere. */
export interface TaskRenderer {
  begin(): void;
  redraw(): void;
  end(): void;
}

/** Loads listr2's renderer ahead of `begin`, so that it draws at once even if a stage blocks the event loop. */
export async function loadRenderer(
  stream: DisplayStream,
  tasks: Tasks,
  events: ListrEventManager,
  notes: readonly string[],
): Promise<TaskRenderer> {
  const output = stream as NodeJS.WriteStream & { readonly _refreshSize?: () => void };
  /** Redraws for a new width: lines are cut to it, and rows that the terminal has wrapped are erased. */
  class Renderer extends DefaultRenderer {
    #width = widthOf(output);
    #drawn = '';

    override create(options?: Parameters<DefaultRenderer['create']>[0]): string {
      this.#drawn = [super.create(options), ...notes].join(EOL);
      return this.#drawn;
    }

    override update(): void {
      // The resize signal is handled only when the event loop is free; drawn at the old width, rows would pile up.
      output._refreshSize?.();
      const columns = widthOf(output);
      if (columns !== this.#width) {
        const { updater, logger } = this as unknown as Internals;
        const rows = rowsOf(this.#drawn, this.#width, columns);
        logger.process.stdout.write(`\u001b[${rows}A\r\u001b[J`);
        // The updater would erase as many lines as it wrote, and so some above.
        updater.done();
        this.#width = columns;
      }
      super.update();
    }
  }
  const terminal = new SizedOutput(output, output);
  const logger = new ListrLogger({ processOutput: terminal });
  const spinner = new UnrefSpinner();
  const renderer = new Renderer(tasks, { logger, spinner, formatOutput: 'truncate' }, events);
  await renderer.render();
  return {
    begin() {
      terminal.begin();
      spinner.begin();
    },
    redraw() {
      renderer.update();
    },
    end() {
      renderer.end();
    },
  };
}

/** Rows that lines take on a terminal that was `before` columns wide when they were written and has wrapped them since. */
function rowsOf(text: string, before: number, now: number): number {
  let rows = 0;
  for (const line of text.split(EOL))
    for (let left = stringWidth(line); left >= 0; left -= before) {
      rows += Math.max(1, Math.ceil(Math.min(left, before) / now));
      if (left <= before) break;
    }
  return rows;
}
