import { formatBytes } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { Io } from '../io.ts';

/** Milliseconds until it is worth to say how far it is, and between one time and the next. */
const PATIENCE = 1000;
const INTERVAL = 100;

export interface Progress {
  /** The file being read, and the bytes read so far. */
  at(name: string, bytesRead: number): void;
  /** Takes the line away, before something else is written. */
  clear(): void;
}

/** A line at the foot of a terminal that says what is being read, where it takes long; elsewhere nothing. */
export function openProgress(stream: Io['stderr']): Progress {
  let due = performance.now() + PATIENCE;
  let isShown = false;
  return {
    at(name, bytesRead) {
      if (stream.isTTY !== true || performance.now() < due) return;
      due = performance.now() + INTERVAL;
      isShown = true;
      const text = `${formatBytes(bytesRead)} read, now ${printable(name)}`;
      stream.write(`\r\u001b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    clear() {
      if (isShown) stream.write('\r\u001b[K');
      isShown = false;
    },
  };
}
