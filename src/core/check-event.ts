/** Validation of the events that a stage emits: a valid event can be written and read back. */
import type { StageEvent } from './events.ts';
import { Failure } from './failure.ts';
import { isInterval } from './interval.ts';
import { printable } from './printable.ts';
import { isProtocol } from './protocol.ts';
import { isPlainObject, shown } from './shown.ts';
import { thrownMessage } from './thrown.ts';

interface Field {
  readonly expected: string;
  readonly isRight: (value: unknown) => boolean;
  readonly optional?: true;
}

const text: Field = { expected: 'a text', isRight: value => typeof value === 'string' };
const amount: Field = {
  expected: 'a number from 0 on',
  isRight: value => typeof value === 'number' && Number.isFinite(value) && value >= 0,
};
const orNone = ({ expected, isRight }: Field): Field => ({
  expected: `${expected}, or none`,
  isRight: value => value === undefined || value === null || isRight(value),
  optional: true,
});

const LEVELS: readonly unknown[] = ['info', 'notice', 'warning'];

const FIELDS: Readonly<Record<StageEvent['type'], Readonly<Record<string, Field>>>> = {
  progress: {
    done: amount,
    total: orNone(amount),
    unit: { ...text, expected: 'a text such as "images"' },
    text: orNone(text),
  },
  metric: {
    step: {
      expected: 'a whole number from 0 on',
      isRight: value => Number.isSafeInteger(value) && (value as number) >= 0,
    },
    epoch: orNone({ expected: 'a number', isRight: value => Number.isFinite(value) }),
    values: { expected: 'an object of numbers by name', isRight: isPlainObject },
    protocol: orNone({ expected: 'a text of 1 to 200 characters on one line', isRight: isProtocol }),
    intervals: orNone({ expected: 'an object of [low, high] by name', isRight: isPlainObject }),
  },
  log: {
    level: { expected: '"info", "notice" or "warning"', isRight: value => LEVELS.includes(value) },
    text,
  },
  publish: { path: { ...text, expected: 'a path within the output folder' } },
  checkpoint: {},
};

const TYPES = '"progress", "metric", "log", "publish" or "checkpoint"';

/**
 * A validated copy of an event, which its emitter can no longer change.
 * @throws Failure that names the stage, the field, its value and what was expected.
 */
export function checkedEvent(stage: string, given: unknown): StageEvent {
  const wrong = (what: string) => wrongEvent(stage, what);
  let event: Readonly<Record<string, unknown>>;
  try {
    if (typeof given !== 'object' || given === null)
      throw wrong(`event: it is ${shown(given)}; expected an object with a type`);
    event = copied(given);
  } catch (error) {
    throw error instanceof Failure ? error : wrong(`event: ${thrownMessage(error)}`);
  }
  const { type } = event;
  const fields =
    typeof type === 'string' && Object.hasOwn(FIELDS, type) ? FIELDS[type as StageEvent['type']] : null;
  if (fields === null) throw wrong(`event: type is ${found(type)}; expected ${TYPES}`);
  const fault = fieldFault(event, fields) ?? (type === 'metric' ? numberFault(event) : undefined);
  if (fault !== undefined) throw wrong(`${String(type)} event: ${fault}`);
  return event as unknown as StageEvent;
}

export const wrongEvent = (stage: string, what: string): Failure =>
  new Failure({ code: 'wrong-event', message: `stage "${printable(stage)}" emitted a wrong ${what}` });

/** A copy that reads each getter once. */
function copied(given: object): Readonly<Record<string, unknown>> {
  const event = { ...given } as Record<string, unknown>;
  if (isPlainObject(event['values'])) event['values'] = { ...event['values'] };
  if (isPlainObject(event['intervals'])) {
    const intervals = Object.entries(event['intervals']);
    const copies = intervals.map(([name, each]) => [
      name,
      Array.isArray(each) ? [...(each as unknown[])] : each,
    ]);
    event['intervals'] = Object.fromEntries(copies);
  }
  for (const [name, value] of Object.entries(event)) if (value === null) event[name] = undefined;
  return event;
}

const found = (value: unknown): string => (value === undefined ? 'missing' : shown(value));

function fieldFault(
  event: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Field>>,
): string | undefined {
  const wrong = Object.entries(fields).find(([name, { isRight }]) => !isRight(event[name]));
  return wrong && `${wrong[0]} is ${found(event[wrong[0]])}; expected ${wrong[1].expected}`;
}

/** Values may be NaN or infinite, such as a diverged loss; bounds of intervals may not. */
function numberFault({ values, intervals = {} }: Readonly<Record<string, unknown>>): string | undefined {
  const wrong = Object.entries(values as object).find(([, value]) => typeof value !== 'number');
  if (wrong !== undefined) return `values.${printable(wrong[0])} is ${found(wrong[1])}; expected a number`;
  for (const [name, interval] of Object.entries(intervals as object)) {
    const place = `intervals.${printable(name)}`;
    if (!Object.hasOwn(values as object, name))
      return `${place} is of no value; expected one of ${Object.keys(values as object)
        .map(printable)
        .join(', ')}`;
    if (!isInterval(interval))
      return `${place} is ${boundsShown(interval)}; expected [low, high], two finite numbers of which the first is not the larger`;
  }
  return undefined;
}

const boundsShown = (value: unknown): string =>
  Array.isArray(value) && value.length === 2 ? `[${value.map(shown).join(', ')}]` : found(value);
