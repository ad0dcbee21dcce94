import { closeSync, constants, fsyncSync, fstatSync, ftruncateSync, writeFileSync } from 'node:fs';
import type { Attempt } from './attempt.ts';
import { openRegularFile } from '../../storage/read-file.ts';
import { onStorage } from '../../storage/storage-failure.ts';

/** Milliseconds that a line may wait in memory, and the number of characters that may. */
const INTERVAL = 1000;
const CAPACITY = 1 << 16;

const APPENDING = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;

/**
 * Appends to a text file of an experiment in batches: at once when nothing was written for a second, otherwise within a second.
 *
 * A batch that cannot be written whole (a full disk) is cut off again, so that the file keeps its last whole line. The
 * file is opened for each batch: a folder that was removed is noticed, instead of writing to a file that has no name.
 */
export class Appender {
  readonly #path: string;
  readonly #attempt: Attempt;
  #waiting = '';
  #written = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;
  #size = 0;

  constructor(path: string, attempt: Attempt) {
    this.#path = path;
    this.#attempt = attempt;
  }

  /** Bytes of the file when something was last written to it, or `flush` waited for the disk. */
  get size(): number {
    return this.#size;
  }

  /** @throws Failure when this batch, or the last one that a timer wrote, could not be written. */
  append(text: string): void {
    this.#throwLate();
    this.#waiting += text;
    if (this.#waiting.length >= CAPACITY || performance.now() - this.#written >= INTERVAL) this.flush();
    else this.#timer ??= setTimeout(() => this.#flushLate(), INTERVAL).unref();
  }

  /** Writes what waits; `durable` waits until the disk has it. */
  flush(durable = false): void {
    this.#throwLate();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#written = performance.now();
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '' || durable) this.#write(file => void writeFileSync(file, text), durable);
  }

  /** Appends what `write` writes to the file that is open, of any size, behind what waits. */
  appendWith(write: (file: number) => void): void {
    this.flush();
    this.#write(write, true);
  }

  #write(write: (file: number) => void, durable: boolean): void {
    const options = { attempt: this.#attempt, durable };
    this.#size = onStorage('write', this.#path, () => appendWhole(this.#path, write, options));
  }

  #flushLate(): void {
    try {
      this.flush();
    } catch (error) {
      // Nobody waits for a timer: the next call throws it.
      this.#failure = error;
    }
  }

  #throwLate(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure as Error;
  }
}

/** Returns the size of the file then. */
function appendWhole(
  path: string,
  write: (file: number) => void,
  { attempt, durable }: { readonly attempt: Attempt; readonly durable: boolean },
): number {
  attempt.check();
  const { file } = openRegularFile(path, APPENDING);
  try {
    // Again: what was opened before somebody else took the experiment is none of its files by then.
    attempt.check();
    const { size } = fstatSync(file);
    try {
      write(file);
    } catch (error) {
      ftruncateSync(file, size);
      throw error;
    }
    if (durable) fsyncSync(file);
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}
