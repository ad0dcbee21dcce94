import { isPlainObject, shown } from './shown.ts';
import { thrownMessage } from './thrown.ts';

/** Most levels of nesting that readers accept. */
const DEEPEST = 100;

/** Thrown for a value that JSON cannot hold, with its place: `files.extra[0]`. */
export class NotPlain extends Error {
  override readonly name = 'NotPlain';
}

const refused = (at: string, words: string) => new NotPlain(`${at} ${words}; expected what JSON can hold`);

/**
 * A copy of a value as a JSON round trip returns it: undefined fields are left out, each getter is read once.
 * @param at The value's name in messages.
 * @throws NotPlain for what JSON would drop, change or refuse.
 */
export function plainCopy(value: unknown, at: string, within: readonly object[] = []): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object') throw refused(at, `is ${value === undefined ? 'undefined' : shown(value)}`);
  if (within.includes(value)) throw refused(at, 'leads back to itself');
  if (within.length === DEEPEST) throw refused(at, 'is nested too deeply');
  const around = [...within, value];
  if (Array.isArray(value)) {
    const list = Array.from({ length: value.length }, (_, index) => index);
    return list.map(index => plainCopy(fieldOf(value, index, `${at}[${index}]`), `${at}[${index}]`, around));
  }
  if (!isPlain(value, at)) throw refused(at, `is ${shown(value)}`);
  const entries: [string, unknown][] = [];
  for (const name of Object.keys(value)) {
    const inner = fieldOf(value, name, `${at}.${name}`);
    if (inner !== undefined) entries.push([name, plainCopy(inner, `${at}.${name}`, around)]);
  }
  // Also for a field called __proto__.
  return Object.fromEntries(entries);
}

function isPlain(value: object, at: string): boolean {
  try {
    return isPlainObject(value) && Object.keys(value).length >= 0;
  } catch (error) {
    throw new NotPlain(`${at} cannot be read: ${thrownMessage(error)}`);
  }
}

function fieldOf(value: object, name: string | number, at: string): unknown {
  try {
    return (value as Record<string | number, unknown>)[name];
  } catch (error) {
    throw new NotPlain(`${at} cannot be read: ${thrownMessage(error)}`);
  }
}
