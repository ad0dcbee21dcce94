/** Readers of thrown values, which may be anything; they never throw. */
import { inspect } from 'node:util';
import { Failure } from './failure.ts';
import { shown } from './shown.ts';

/** Most characters of a message: longer ones would slow every reading of the record. */
const LONGEST_MESSAGE = 10_000;
/** Most characters of a stack, with everything else that an error carries. */
const LONGEST_STACK = 1_000_000;

const UNREADABLE = 'an error that cannot be read was thrown';

const cut = (text: string, longest: number): string =>
  text.length > longest
    ? `${text.slice(0, longest)}… (${text.length.toLocaleString('en-US')} characters)`
    : text;

/** The value read, or the fallback where a getter or a proxy throws. */
export function readSafely<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** The message of a thrown value, or a description where it has none. */
export const thrownMessage = (thrown: unknown): string =>
  cut(
    readSafely(() => messageOf(thrown), UNREADABLE),
    LONGEST_MESSAGE,
  );

function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  if (typeof thrown !== 'object' || thrown === null) return `${shown(thrown)} was thrown, which is no error`;
  const { message } = thrown as { readonly message?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return thrown instanceof Error
    ? `${String(thrown.name)} without a message`
    : `${shown(thrown)} was thrown, which is no error`;
}

/** A thrown value with its stack, as `inspect` shows it. */
export const thrownDetails = (thrown: unknown): string =>
  cut(
    readSafely(() => inspect(thrown), thrownMessage(thrown)),
    LONGEST_STACK,
  );

/** `instanceof`, which a proxy may refuse. */
export const isThrown = <T>(thrown: unknown, type: abstract new (...args: never[]) => T): thrown is T =>
  readSafely(() => thrown instanceof type, false);

/** A copy of a failure with fields of the declared types and bounded lengths, whatever a stage put into it. */
export function readableFailure(failure: Failure): Failure {
  return readSafely(
    () => {
      const { code, message, details, hint, exitCode, problems } = failure;
      const lines = Array.isArray(details) ? (details as unknown[]) : [details];
      return new Failure({
        code: String(code),
        message: cut(String(message), LONGEST_MESSAGE),
        details: lines.map(line => cut(String(line), LONGEST_MESSAGE)),
        ...(hint !== undefined && { hint: cut(String(hint), LONGEST_MESSAGE) }),
        exitCode: exitCode === 2 || exitCode === 130 ? exitCode : 1,
        problems: Array.isArray(problems) ? problems : [],
        cause: failure.cause,
      });
    },
    new Failure({ code: 'unexpected-error', message: UNREADABLE }),
  );
}
