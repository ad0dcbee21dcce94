import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  type Document,
  type Node as YamlNode,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { ITEMS_HINT } from './explain-yaml.ts';
import type { Entry, Node } from './node.ts';
import type { Span } from './source.ts';
import { tagProblem } from './yaml-tags.ts';

/** Reports a problem at offsets of the text being read. */
export type ReportAt = (start: number, end: number, code: string, message: string, hint?: string) => void;

/**
 * Turns the library's document into located nodes: aliases are resolved, duplicate keys reported.
 * @param limit Most values that aliases may expand to; beyond it, or with an unsupported tag, the result is undefined.
 */
export function toNode(
  document: Document.Parsed,
  spanOf: (start: number, end: number) => Span,
  reportAt: ReportAt,
  limit: number,
): Node | undefined {
  const anchors = new Map<string, Node>();
  const sizes = new Map<Node, number>();
  const empty = (at: number): Node => ({ kind: 'scalar', value: null, span: spanOf(at, at) });

  const convert = (yaml: YamlNode | null, at: number): Node => {
    const [start, end] = yaml?.range ?? [at, at];
    if (yaml === null) return empty(at);
    if (isAlias(yaml)) return follow(yaml.source, start, end);
    checkTag(yaml, start, end);
    const before = total;
    const node = withoutAnchor(yaml, start, end);
    sizes.set(node, ++total - before);
    if ((isScalar(yaml) || isCollection(yaml)) && yaml.anchor !== undefined) anchors.set(yaml.anchor, node);
    return node;
  };
  let total = 0;

  const follow = (name: string, start: number, end: number): Node => {
    const target = anchors.get(name);
    if (target === undefined) {
      reportAt(start, end, 'unknown-alias', `no anchor "&${name}" before this alias`);
      return empty(start);
    }
    total += sizes.get(target) ?? 0;
    if (total <= limit) return target;
    reportAt(start, end, 'too-large', `more than ${limit} values once aliases are expanded`);
    throw new TooLarge();
  };

  const withoutAnchor = (yaml: YamlNode, start: number, end: number): Node => {
    const span = spanOf(start, end);
    if (isMap(yaml)) return { kind: 'map', entries: entriesOf(yaml, start), span };
    if (isCollection(yaml))
      return { kind: 'list', items: yaml.items.map(item => convert(item as YamlNode | null, start)), span };
    const value = scalarValue(yaml, start, end);
    const text = isScalar(yaml) && typeof value !== 'string' && value !== null ? yaml.source : undefined;
    return { kind: 'scalar', value, ...(text !== undefined && text !== String(value) && { text }), span };
  };

  const scalarValue = (yaml: YamlNode, start: number, end: number) => {
    const value: unknown = isScalar(yaml) ? yaml.value : null;
    if (typeof value === 'string' && value.includes('\0')) reportAt(start, end, 'control-character', NUL);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : null;
  };

  let isTagged = false;
  const checkTag = (yaml: YamlNode, start: number, end: number) => {
    const problem = tagProblem(yaml, spanOf(start, end));
    if (problem === undefined) return;
    reportAt(start - problem.length, end, 'yaml-syntax', `YAML syntax: ${problem.message}`, problem.hint);
    isTagged = true;
  };

  const entriesOf = (yaml: YAMLMap, at: number): ReadonlyMap<string, Entry> => {
    const entries = new Map<string, Entry>();
    for (const pair of yaml.items) {
      const key = pair.key as YamlNode | null;
      const [start, end] = key?.range ?? [at, at];
      const value = convert(pair.value as YamlNode | null, end);
      if (key !== null) checkTag(key, start, end);
      const name = isScalar(key) ? nameOf(key) : undefined;
      const problem = keyProblem(name, entries, isScalar(key) && key.type === 'PLAIN');
      if (problem !== undefined) reportAt(start, end, ...problem);
      else if (name !== undefined) entries.set(name, { key: spanOf(start, end), value });
    }
    return entries;
  };

  try {
    const root = convert(document.contents, 0);
    // The value of an unknown tag is not checked.
    return isTagged ? undefined : root;
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

const NUL = 'a NUL character is not allowed';

class TooLarge extends Error {}

/** A key's text as written: `1.10` and `null` are names like any other. */
const nameOf = ({ value, source }: Scalar): string => (typeof value === 'string' ? value : (source ?? ''));

function keyProblem(
  name: string | undefined,
  entries: ReadonlyMap<string, Entry>,
  isPlain: boolean,
): [code: string, message: string, hint?: string] | undefined {
  if (name === undefined) return ['invalid-key', 'a key must be a plain name'];
  if (name.includes('\0')) return ['control-character', NUL];
  if (name === '__proto__') return ['invalid-key', 'the key "__proto__" is not allowed'];
  if (name === '<<' && isPlain)
    return ['invalid-key', 'merge keys (<<) are not supported', 'use extends: or vars: instead'];
  if (entries.has(name))
    return [
      'duplicate-key',
      `duplicate key "${name}"`,
      // Each item of a list of stages or layers has a `use`.
      name === 'use' ? `remove one of the two, or ${ITEMS_HINT}` : 'remove one of the two',
    ];
  return undefined;
}
