import { encodeNumbers } from './numbers.ts';
import { printable, printableLines } from './printable.ts';

/**
 * A document for scripts, indented, with a line end; numbers that JSON lacks are strings. It is safe on a terminal, too: what
 * could move the cursor is written as the escape that JSON has for it, which means the same.
 */
export const jsonText = (document: unknown): string =>
  `${printableLines(JSON.stringify(document, encodeNumbers, 2))}\n`;

/** The same on one line, without a line end. */
export const jsonLine = (document: unknown): string => printable(JSON.stringify(document, encodeNumbers));
