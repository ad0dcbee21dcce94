import { pathFrom, type Loading } from './loading.ts';
import { stringOf, type Entry, type Node } from './node.ts';
import { branchesOf, type Schema } from '../core/json-schema.ts';
import type { Variables } from './variables.ts';

/**
 * Replaces parameters given as a YAML file (`yamlFile: true` in their schema) by the file's content. A file that cannot be read
 * makes the result undefined, with the problem reported.
 */
export async function includeYamlFiles(
  node: Node,
  schema: Schema,
  loading: Loading,
  variables: Variables,
): Promise<Node | undefined> {
  const written = stringOf(node);
  if (written !== undefined)
    return acceptsFile(schema) && /\.ya?ml$/i.test(written)
      ? readInto(node, written, loading, variables)
      : node;
  if (node.kind !== 'map') return node;
  const entries = new Map<string, Entry>();
  for (const [name, entry] of node.entries) {
    const inner = branchesOf(schema).find(branch => branch.properties?.[name])?.properties?.[name];
    const value = inner ? await includeYamlFiles(entry.value, inner, loading, variables) : entry.value;
    if (value === undefined) return undefined;
    entries.set(name, { ...entry, value });
  }
  return { ...node, entries };
}

const acceptsFile = (schema: Schema): boolean => branchesOf(schema).some(({ yamlFile }) => yamlFile === true);

async function readInto(
  node: Node,
  written: string,
  loading: Loading,
  variables: Variables,
): Promise<Node | undefined> {
  const { path, name } = pathFrom(node.span.source, written);
  const file = await loading.read(path, name, node.span);
  return file?.root && variables.substitute(file.root);
}
