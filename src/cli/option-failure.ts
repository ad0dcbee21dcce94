import { Failure } from '../core/failure.ts';
import { problemAt, type Details } from '../config/problems.ts';
import { COMMAND_LINE } from '../config/source.ts';

/** The failure of an option whose text cannot be read, with its place on the command line. @param option Such as `--trial`. */
export function optionFailure(
  { option, text, cwd }: { readonly option: string; readonly text: string; readonly cwd: string },
  code: string,
  details: Details,
): Failure {
  const message = `cannot read ${option} ${text}`;
  const source = { name: COMMAND_LINE, dir: cwd, text: `${option} ${text}` };
  const span = { source, start: option.length + 1, end: source.text.length };
  const problems = [problemAt(span, code, message, details)];
  return new Failure({ code, exitCode: 2, message, problems });
}
