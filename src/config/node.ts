import type { Span } from './source.ts';

/** A value with its location. Immutable; aliases may share nodes, and there are no cycles. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly span: Span;
  /** The reference to record instead of the value of a secret environment variable: `${env.API_TOKEN}`. */
  readonly reference?: string;
  /** The text as written, if it differs from the value's own: `1.10`. */
  readonly text?: string;
  /** Another reading of an untyped text; used where the schema refuses the value for its type. */
  readonly otherwise?: string | number | boolean;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly span: Span;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
}

/** One `key: value` of a map. */
export interface Entry {
  readonly key: Span;
  readonly value: Node;
}

export type Path = readonly (string | number)[];

/** The value without locations. */
export function toPlain(node: Node): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toPlain);
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toPlain(entry.value)]));
  }
}

/** The entry's value, if the node is a map that has it. */
export function child(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.value : undefined;
}

/** The text, if the node is a string or may be read as one. */
export function stringOf(node: Node | undefined): string | undefined {
  if (node?.kind !== 'scalar') return undefined;
  return [node.value, node.otherwise].find(reading => typeof reading === 'string');
}

/** The number, if the node is one or may be read as one. */
export function numberOf(node: Node | undefined): number | undefined {
  if (node?.kind !== 'scalar') return undefined;
  return [node.value, node.otherwise].find(reading => typeof reading === 'number');
}

/**
 * The result of following a path. `key` is absent for the root and for list items; `value` and `key` belong to the deepest part
 * of the path that exists.
 */
export interface Found {
  readonly value: Node;
  readonly key: Span | undefined;
  /** True when the whole path exists. */
  readonly complete: boolean;
}

export function find(root: Node, path: Path): Found {
  let found: Found = { value: root, key: undefined, complete: true };
  for (const part of path) {
    const next = step(found.value, part);
    if (next === undefined) return { ...found, complete: false };
    found = next;
  }
  return found;
}

function step(node: Node, part: string | number): Found | undefined {
  if (node.kind === 'map') {
    const entry = node.entries.get(String(part));
    return entry && { value: entry.value, key: entry.key, complete: true };
  }
  const item = node.kind === 'list' ? node.items[Number(part)] : undefined;
  return item && { value: item, key: undefined, complete: true };
}

/** The map with one entry added or replaced. */
export function withEntry(map: MapNode, key: string, entry: Entry): MapNode {
  return { ...map, entries: new Map(map.entries).set(key, entry) };
}

/** Rebuilds a node with the value at an existing path replaced. */
export function replaceAt(node: Node, [part, ...rest]: Path, change: (node: Node) => Node): Node {
  if (part === undefined) return change(node);
  return mapChildren(node, (inner, key) =>
    String(key) === String(part) ? replaceAt(inner, rest, change) : inner,
  );
}

/** Rebuilds a node with every direct child replaced. */
export function mapChildren(node: Node, change: (child: Node, key: string | number) => Node): Node {
  switch (node.kind) {
    case 'scalar':
      return node;
    case 'list':
      return { ...node, items: node.items.map(change) };
    case 'map':
      return {
        ...node,
        entries: new Map(
          [...node.entries].map(([key, entry]) => [key, { ...entry, value: change(entry.value, key) }]),
        ),
      };
  }
}
