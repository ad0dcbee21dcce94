import type { Schema } from '../core/json-schema.ts';
import { find, replaceAt, toPlain, type Node } from './node.ts';
import { checkedSchema, usedAlternatives } from './param-schema.ts';
import { parsePointer } from './schema-problems.ts';
import { check, type SchemaError } from './validator.ts';

export interface CheckedNode {
  readonly node: Node;
  /** The node's value, complete with defaults. */
  readonly value: unknown;
  readonly errors: readonly SchemaError[];
}

/**
 * Checks a node's value. An untyped text, from the environment or the command line, gets the type that the schema expects: its
 * other reading is used only where the first has a wrong type.
 */
export function checkNode(schema: Schema, node: Node): CheckedNode {
  const first = checkOnce(schema, node);
  const refused = refusedTypes(first);
  if (refused.length === 0) return first;
  const second = checkOnce(schema, withOtherReadings(node, refused));
  const stillRefused = refusedTypes(second);
  if (stillRefused.length === 0) return second;
  return checkOnce(
    schema,
    withOtherReadings(
      node,
      refused.filter(pointer => !stillRefused.includes(pointer)),
    ),
  );
}

function checkOnce(schema: Schema, node: Node): CheckedNode {
  const used = usedAlternatives(schema, toPlain(node));
  const accepted = used && checkAgainst(used, node);
  // Messages about what is refused name all alternatives.
  return accepted?.errors.length === 0 ? accepted : checkAgainst(schema, node);
}

function checkAgainst(schema: Schema, node: Node): CheckedNode {
  const value = toPlain(node);
  return { node, value, errors: check(checkedSchema(schema, value), value) };
}

const TYPE_KEYWORDS = new Set(['type', 'enum', 'const', 'anyOf', 'oneOf']);

/** Pointers of values with a wrong type that have another reading. */
function refusedTypes({ node, errors }: CheckedNode): readonly string[] {
  const pointers = errors
    .filter(({ keyword }) => TYPE_KEYWORDS.has(keyword))
    .map(({ instancePath }) => instancePath)
    .filter(pointer => {
      const { value, complete } = find(node, parsePointer(pointer));
      return complete && value.kind === 'scalar' && value.otherwise !== undefined;
    });
  return [...new Set(pointers)];
}

const withOtherReadings = (node: Node, pointers: readonly string[]): Node =>
  pointers.reduce((changed, pointer) => replaceAt(changed, parsePointer(pointer), otherReading), node);

const otherReading = (node: Node): Node =>
  node.kind === 'scalar' && node.otherwise !== undefined
    ? { ...node, value: node.otherwise, otherwise: node.value ?? '' }
    : node;
