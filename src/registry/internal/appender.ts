import { closeSync, constants, fsyncSync, fstatSync, ftruncateSync, writeFileSync } from 'node:fs';
import type { Attempt } from './attempt.ts';
import { openRegularFile } from '../../storage/read-file.ts';
import { onStorage } from '../../storage/storage-failure.ts';

/** Most milliseconds that text waits in memory, and most characters. */
const INTERVAL = 1000;
const CAPACITY = 1 << 16;

const APPENDING = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;

/**
 * Batched appends to a text file of an experiment: immediate if nothing was written for a second, otherwise within a second.
 *
 * A batch that fails (such as on a full disk) is truncated again, so that the file ends with a complete line. The file is opened
 * for each batch, so that a removed folder is noticed.
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

  /** Size of the file in bytes after the last write or durable flush. */
  get size(): number {
    return this.#size;
  }

  /** @throws Failure when this batch, or the last one written by the timer, could not be written. */
  append(text: string): void {
    this.#throwLate();
    this.#waiting += text;
    if (this.#waiting.length >= CAPACITY || performance.now() - this.#written >= INTERVAL) this.flush();
    else this.#timer ??= setTimeout(() => this.#flushLate(), INTERVAL).unref();
  }

  /** Writes the waiting text; `durable` waits until it is on disk. */
  flush(durable = false): void {
    this.#throwLate();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#written = performance.now();
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '' || durable) this.#write(file => void writeFileSync(file, text), durable);
  }

  /** Appends the output of `write`, of any size, to the open file after the waiting text. */
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
      // Nothing awaits the timer: the next call throws it.
      this.#failure = error;
    }
  }

  #throwLate(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure as Error;
  }
}

/** Appends all or nothing; returns the new size of the file. */
function appendWhole(
  path: string,
  write: (file: number) => void,
  { attempt, durable }: { readonly attempt: Attempt; readonly durable: boolean },
): number {
  attempt.check();
  const { file } = openRegularFile(path, APPENDING);
  try {
    // Checked again: if the experiment was taken over before the file was opened, it is no longer one of its files.
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
