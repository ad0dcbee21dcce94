import { ITEMS_HINT } from './explain-yaml.ts';
import type { Schema } from '../core/json-schema.ts';

const LIST_HINT = 'write a list as [a, b]';
const MAPPING_HINT = 'write a mapping as {name: value}';

/** The hint for a key such as `-use`, which was meant as a list item. */
export const dashHint = (key: string): string => `put a space after the dash: "- ${key.slice(1)}: …"`;

/**
 * The hint for a value that lacks the marks of a list or a mapping: dashes, colons, or the spaces after them.
 * @param inLine True for the command line, where a value is written in one line.
 */
export function shapeHint(schema: Schema | undefined, value: unknown, inLine: boolean): string | undefined {
  if (inLine) return wants(schema, 'array') ? LIST_HINT : wants(schema, 'object') ? MAPPING_HINT : undefined;
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  const text = typeof value === 'string' ? value : undefined;
  if (wants(schema, 'array')) {
    const key = isMapping ? Object.keys(value).find(name => /^-\S/.test(name)) : undefined;
    if (key !== undefined) return dashHint(key);
    return isMapping || text?.includes(' ') ? ITEMS_HINT : undefined;
  }
  return wants(schema, 'object') && text !== undefined ? colonHint(text) : undefined;
}

function colonHint(text: string): string | undefined {
  const [, name, colon, value] = /^([\w-]+)(:?) ?(\S+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const what = colon === ':' ? 'put a space after the colon' : 'put a colon and a space between them';
  return `${what}: "${name}: ${value}"`;
}

const wants = (schema: Schema | undefined, type: string): boolean =>
  schema?.type === type || (Array.isArray(schema?.type) && schema.type.includes(type));
