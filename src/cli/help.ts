import { Help, Option } from 'commander';
import { alignColumns } from '../core/align-columns.ts';

/** An option that may be given several times begins with an empty list, which says nothing to a reader. */
export function optionDescription(option: Option): string {
  const shown = Array.isArray(option.defaultValue) ? new Option(option.flags, option.description) : option;
  return new Help().optionDescription(shown);
}

export interface HelpNotes {
  /** A command line, and what it does. */
  readonly examples: readonly (readonly [command: string, words: string])[];
  /** Beside 0, 2 and, where something runs, 130. */
  readonly exitCodes?: Readonly<Record<number, string>>;
}

const EXIT_CODES = { 0: 'fine', 2: 'the command line or the configuration is wrong' };

/** The end of each command's help: examples and exit codes. */
export function helpNotes({ examples, exitCodes = {} }: HelpNotes): string {
  const codes = Object.entries({ ...EXIT_CODES, ...exitCodes });
  return [
    '\nExamples:',
    alignColumns(examples.map(([command, words]) => [`  ${command}`, words])).trimEnd(),
    '\nExit codes:',
    ...codes.map(([code, words]) => `  ${code.padEnd(3)}  ${words}`),
  ].join('\n');
}

/** Of a command that runs stages. */
export const RUN_EXIT_CODES = { 1: 'the run failed', 130: 'interrupted by Ctrl-C' };
