import { Help, Option } from 'commander';
import { alignColumns } from '../core/align-columns.ts';

/** The description of an option, without the default of a repeatable one: an empty list says nothing. */
export function optionDescription(option: Option): string {
  const shown = Array.isArray(option.defaultValue) ? new Option(option.flags, option.description) : option;
  return new Help().optionDescription(shown);
}

export interface HelpNotes {
  /** Command lines with their effects. */
  readonly examples: readonly (readonly [command: string, words: string])[];
  /** Exit codes other than 0 and 2. */
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

/** Exit codes of commands that run stages. */
export const RUN_EXIT_CODES = { 1: 'the run failed', 130: 'interrupted by Ctrl-C' };
