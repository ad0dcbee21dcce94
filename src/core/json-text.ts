import { encodeNumbers } from './numbers.ts';
import { printable, printableLines } from './printable.ts';

/**
 * Indented JSON for scripts, with a trailing newline; numbers that JSON lacks are strings. Safe on a terminal: control characters
 * are written as their JSON escapes.
 */
export const jsonText = (document: unknown): string =>
  `${printableLines(JSON.stringify(document, encodeNumbers, 2))}\n`;

/** The same on one line, without the newline. */
export const jsonLine = (document: unknown): string => printable(JSON.stringify(document, encodeNumbers));
