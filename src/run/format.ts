import { stripVTControlCharacters } from 'node:util';
import type { ProgressEvent } from '../core/events.ts';
import { printable, printableLines } from '../core/printable.ts';
import type { LineEnd } from './display.ts';

/** One line without control characters, whatever a stage says. */
export function oneLine(text: string): string {
  return printable(stripVTControlCharacters(text).replace(/\s+/g, ' ').trim());
}

/** Several lines, as they are but without control characters. */
export function manyLines(text: string): string {
  return printableLines(stripVTControlCharacters(text).trimEnd());
}

const count = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

function amount({ done, total, unit }: ProgressEvent): string {
  if (unit !== 'bytes') return `${count(done)}${total === undefined ? '' : `/${count(total)}`} ${unit}`;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return `${megabytes(done)}${total === undefined ? '' : `/${megabytes(total)}`} MB`;
}

/** `42% · 1,560/3,750 iterations · D 0.61`. */
export function progressText(event: ProgressEvent): string {
  const { done, total, text } = event;
  const percent = total ? `${Math.floor((100 * Math.min(done, total)) / total)}%` : undefined;
  return oneLine([percent, amount(event), text].filter(Boolean).join(' · '));
}

/** What a stage's line says once it has ended, without its duration. */
export function endText({ status, text }: LineEnd): string {
  const words = text === null ? '' : oneLine(text);
  switch (status) {
    case 'ran':
      return words || 'done';
    case 'reused':
    case 'skipped':
    case 'failed':
    case 'interrupted':
      return words ? `${status}: ${words}` : status;
  }
}
