import type { Location } from '../core/failure.ts';
import { isThrown, readSafely, thrownMessage } from '../core/thrown.ts';
import { placeOf, userFrame } from './user-frame.ts';

/** A description of a value thrown by a user's code; its stack belongs in a log. */
export interface Thrown {
  readonly message: string;
  /** The innermost place in the user's code, where the stack has one. */
  readonly location?: Location;
  /** Its causes and the errors that it combines. */
  readonly details: readonly string[];
}

/** Most causes and combined errors to list. */
const MOST = 5;

/** @param cwd Files are named relative to it. */
export function describeThrown(thrown: unknown, cwd: string): Thrown {
  const message = thrownMessage(thrown);
  return readSafely(() => ({ message, ...contextOf(thrown, cwd) }), { message, details: [] });
}

function contextOf(thrown: unknown, cwd: string): Omit<Thrown, 'message'> {
  const others = othersOf(thrown);
  const location = [thrown, ...others.map(({ error }) => error)]
    .map(each => frameOf(each, cwd))
    .find(found => found !== undefined);
  return {
    ...(location && { location }),
    details: others.slice(0, MOST).map(({ what, error }) => {
      const frame = frameOf(error, cwd);
      const place = frame === undefined ? '' : placeOf(frame);
      const isNew = frame !== undefined && (location === undefined || placeOf(location) !== place);
      return `${what}: ${nameOf(error)}${thrownMessage(error)}${isNew ? ` at ${place}` : ''}`;
    }),
  };
}

const nameOf = (thrown: unknown): string =>
  isThrown(thrown, Error) && thrown.name !== 'Error' && thrown.message !== '' ? `${thrown.name}: ` : '';

function frameOf(thrown: unknown, cwd: string): Location | undefined {
  return isThrown(thrown, Error) && typeof thrown.stack === 'string'
    ? userFrame(thrown.stack, cwd)
    : undefined;
}

type Other = { readonly what: string; readonly error: unknown };

/** Causes, and the errors of an AggregateError, outermost first. Circular causes end. */
function othersOf(thrown: unknown, seen = new Set<unknown>()): readonly Other[] {
  if (!isThrown(thrown, Error) || seen.has(thrown) || seen.size > MOST) return [];
  seen.add(thrown);
  const { cause } = thrown;
  const errors = thrown instanceof AggregateError ? (thrown.errors as readonly unknown[]) : [];
  const direct = [
    ...errors.map(error => ({ what: 'one of its errors', error })),
    ...(cause === undefined || cause === null ? [] : [{ what: 'caused by', error: cause }]),
  ];
  return direct.flatMap(other => [other, ...othersOf(other.error, seen)]);
}
