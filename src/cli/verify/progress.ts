import { formatBytes } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { Io } from '../io.ts';

/** Milliseconds until progress is shown, and between updates. */
const PATIENCE = 1000;
const INTERVAL = 100;

export interface Progress {
  /** The file being read, and the bytes read so far. */
  at(name: string, bytesRead: number): void;
  /** Erases the line, before other output. */
  clear(): void;
}

/** A progress line on a terminal for long checks; nothing elsewhere. */
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
