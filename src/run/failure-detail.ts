import { Failure, Interrupted, type Problem } from '../core/failure.ts';
import { isThrown, thrownDetails, thrownMessage } from '../core/thrown.ts';
import type { FailureDetail } from './events.ts';

/** A thrown value as data for an event. Anything but a `Failure` is a bug, whose details are its stack. */
export function failureDetail(thrown: unknown): FailureDetail {
  if (thrown instanceof Failure) {
    const { code, message, details, hint, problems } = thrown;
    return {
      code,
      message,
      details: [...details],
      hint: hint ?? null,
      problems: problems.map(problemDetail),
    };
  }
  if (isThrown(thrown, Interrupted))
    return { code: 'interrupted', message: thrown.message, details: [], hint: null, problems: [] };
  return {
    code: 'bug',
    message: thrownMessage(thrown),
    details: thrownDetails(thrown).split('\n'),
    hint: 'this is a bug in pipe: please report it',
    problems: [],
  };
}

/** A problem with its place, as data. */
export const problemDetail = ({ location, ...problem }: Problem): FailureDetail['problems'][number] => ({
  ...problem,
  ...(location !== undefined && { location: { ...location } }),
});
