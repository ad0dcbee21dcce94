import { Failure } from '../../core/failure.ts';
import { describeThrown } from '../../host/thrown.ts';
import { placeOf } from '../../host/user-frame.ts';

/** The failure for a bug in a stage's code: message, location, and the log with its stack. */
export function codeFailure(
  thrown: unknown,
  what: string,
  { cwd, log }: { readonly cwd: string; readonly log?: string },
): Failure {
  const { message, location, details } = describeThrown(thrown, cwd);
  const code = 'unexpected-error';
  const text = `${what}: ${message}`;
  const stack = log === undefined ? '' : `, stack in ${log}`;
  return new Failure({
    code,
    message: `${text}${location ? ` at ${placeOf(location)}` : ''}${stack}`,
    details,
    ...(location && { problems: [{ code, message: `${text}${stack}`, location }] }),
    cause: thrown,
  });
}
