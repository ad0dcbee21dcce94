import { printable } from './printable.ts';

/** Most characters of a text to show. */
const LONGEST = 60;

/** Any value in a few words, for a message that says what was found: `1.5`, `"seven"`, `a list`, `a Map`. Never throws. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return printable(JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value));
    case 'bigint':
      return value.toString().length > LONGEST ? 'a bigint' : `${value}n`;
    case 'symbol':
    case 'function':
      return `a ${typeof value}`;
    case 'object':
      return value === null ? 'null' : kindOf(value);
    case 'boolean':
    case 'number':
    case 'undefined':
      return String(value);
  }
}

function kindOf(value: object): string {
  try {
    if (Array.isArray(value)) return 'a list';
    const { name } = classOf(value) ?? Object;
    return typeof name !== 'string' || name === '' || name === 'Object'
      ? 'an object'
      : printable(`${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name.slice(0, LONGEST)}`);
  } catch {
    // A proxy or a getter that throws.
    return 'an object that cannot be read';
  }
}

function classOf(value: object): { readonly name?: unknown } | undefined {
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: unknown } | null;
  const found = prototype?.constructor;
  return typeof found === 'function' ? found : undefined;
}

/** True for an object literal, or one without prototype. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || isOfAnotherRealm(prototype);
}

/** The prototype of object literals of another realm, such as a `vm` context. */
const isOfAnotherRealm = (prototype: unknown): boolean =>
  typeof prototype === 'object' &&
  prototype !== null &&
  Object.getPrototypeOf(prototype) === null &&
  Object.hasOwn(prototype, 'hasOwnProperty');
