import { stripVTControlCharacters } from 'node:util';
import type { ProgressEvent } from '../../core/events.ts';
import { counted } from '../../core/format.ts';
import { printable, printableLines } from '../../core/printable.ts';
import type { LineEnd } from './lines.ts';

/** One line without control characters, whatever a stage says. */
export function oneLine(text: string): string {
  return printable(stripVTControlCharacters(text).replace(/\s+/g, ' ').trim());
}

/** Several lines, without control characters. */
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

/** Columns of the narrowest terminal with a bar, and of the bar. */
const BAR_FROM = 100;
const BAR = 16;

/** `████████░░░░░░░░ `: a progress bar; empty where the total is unknown or the terminal too narrow. */
export function progressBar({ done, total }: ProgressEvent, columns: number): string {
  if (!total || columns < BAR_FROM) return '';
  const full = Math.floor((BAR * Math.max(0, Math.min(done, total))) / total);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} `;
}

/** The first lines of notices, by stage: all of them could fill the terminal. */
export function firstLines(said: readonly (readonly [stage: string, text: string])[], most: number): string {
  const lines = said.flatMap(([stage, text]) => text.split('\n').map(line => ({ stage, line })));
  const left = lines.slice(most);
  const stages = [...new Set(left.map(({ stage }) => stage))];
  const shown = lines.slice(0, most).map(({ line }) => line);
  if (left.length > 0)
    shown.push(
      `… ${counted(left.length, 'more line')} in the ${stages.length === 1 ? 'log' : 'logs'} of ${stages.join(', ')}`,
    );
  return shown.join('\n');
}

/** The text of an ended stage's line, without its duration. */
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
