import { Failure } from '../../core/failure.ts';
import { describeThrown } from '../../host/thrown.ts';
import { placeOf } from '../../host/user-frame.ts';

/** A bug in a stage's code: its message and its place for people, and where its stack is. */
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
