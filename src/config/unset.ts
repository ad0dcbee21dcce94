import { branchesOf, definitionsOf, isList, type Schema } from '../core/json-schema.ts';
import { child, stringOf, type Entry, type Node } from './node.ts';
import { requiredOf } from './param-schema.ts';

/**
 * Leaves out parameters that are `null`: they fall back to their defaults, or are absent. So a file can unset values of its base.
 * Required parameters and keys without a value stay, to be reported.
 */
export const withoutNulls = (node: Node, schema: Schema): Node => unset(node, schema, definitionsOf(schema));

function unset(node: Node, schema: Schema, definitions: ReadonlyMap<string, Schema>): Node {
  if (node.kind === 'scalar') return node;
  const named = schema.$ref === undefined ? schema : (definitions.get(schema.$ref) ?? schema);
  const branches = branchesOf(named).filter(branch => isBranchOf(branch, node));
  if (node.kind === 'list') {
    const items = branches.find(branch => branch.items)?.items;
    if (items === undefined || isList(items)) return node;
    return { ...node, items: node.items.map(item => unset(item, items, definitions)) };
  }
  const entries = [...node.entries].flatMap(([name, entry]) => {
    const owner = branches.find(({ properties }) => properties?.[name]);
    const inner = owner?.properties?.[name];
    if (owner === undefined || inner === undefined)
      return [[name, unsetInside(entry, branches, definitions)] as const];
    const isUnset = isWrittenNull(entry.value) && !admitsNull(inner) && !requiredOf(owner).includes(name);
    return isUnset ? [] : [[name, { ...entry, value: unset(entry.value, inner, definitions) }] as const];
  });
  return { ...node, entries: new Map(entries) };
}

/** The schema of an entry in a mapping of any names, if it has no default. */
function unsetInside(
  entry: Entry,
  branches: readonly Schema[],
  definitions: ReadonlyMap<string, Schema>,
): Entry {
  const values = branches.find(
    branch => typeof branch.additionalProperties === 'object',
  )?.additionalProperties;
  return typeof values === 'object' ? { ...entry, value: unset(entry.value, values, definitions) } : entry;
}

const isWrittenNull = (node: Node): boolean =>
  node.kind === 'scalar' && node.value === null && node.span.end > node.span.start;

const admitsNull = (schema: Schema): boolean =>
  branchesOf(schema).some(({ type, const: literal }) => literal === null || type === 'null');

/** True for alternatives that match the node's literals, such as the `use` of a layer. */
function isBranchOf({ properties = {} }: Schema, node: Node): boolean {
  return Object.entries(properties).every(([name, { const: literal }]) => {
    const written = stringOf(child(node, name));
    return literal === undefined || written === undefined || written === literal;
  });
}
