import { problemAt, type Details } from '../config/problems.ts';
import { COMMAND_LINE } from '../config/source.ts';
import { Failure } from '../core/failure.ts';

/** The text of an option, as it was given. */
export interface OptionText {
  /** Such as `--trial`. */
  readonly option: string;
  readonly text: string;
  readonly cwd: string;
}

export interface OptionFault extends Details {
  readonly code: string;
  readonly message: string;
  /** Characters of the text to mark, all by default. */
  readonly length?: number;
}

/** A failure that marks what is wrong with the text of an option. */
export function optionFailure(
  { option, text, cwd }: OptionText,
  { code, message, length = text.length, ...details }: OptionFault,
): Failure {
  const source = { name: COMMAND_LINE, dir: cwd, text: `${option} ${text}` };
  const start = option.length + 1;
  const problem = problemAt({ source, start, end: start + length }, code, message, details);
  return new Failure({ code, exitCode: 2, message, problems: [problem] });
}
