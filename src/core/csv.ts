import { printableLines } from './printable.ts';

/**
 * A record of a CSV file by RFC 4180, with its line end; numbers in full precision, undefined as empty. Text that a spreadsheet
 * would run as a formula begins with an apostrophe.
 */
export const csvRecord = (values: readonly unknown[]): string =>
  `${values.map(value => quote(field(value))).join(',')}\r\n`;

function field(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  return plainText(printableLines(typeof value === 'string' ? value : JSON.stringify(value)));
}

/** Escapes formulas such as `=1+1` and `-1+cmd|…`; `-5` is a number and stays. */
const plainText = (text: string): string =>
  /^[=+\-@]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
