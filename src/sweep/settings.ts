/** The values of a point as settings of its pipeline, with their places in the sweep's file. */
import { child, toPlain, type Node } from '../config/node.ts';

import type { Override, PathPart } from '../config/parse-overrides.ts';
import type { Span } from '../config/source.ts';
import { sameValue, type Point } from '../search/space.ts';
import { PIPELINE } from './definition.ts';

/** @param points The nodes of `points:`, for the method list. */
export function overridesOf(root: Node, point: Point, listed?: Node): readonly Override[] {
  const vary = child(root, 'vary');
  const varied = Object.entries(point)
    .filter(([name]) => name !== PIPELINE)
    .flatMap(([name, value]) => overrideOf(name, value, listed ?? vary));
  const set = child(root, 'set');
  const fixed =
    set?.kind === 'map'
      ? [...set.entries].flatMap(([name, entry]) => toOverride(name, entry.key, entry.value))
      : [];
  return [...fixed, ...varied];
}

function overrideOf(name: string, value: unknown, parent: Node | undefined): readonly Override[] {
  if (parent?.kind !== 'map') return [];
  const entry = parent.entries.get(name);
  if (entry === undefined) return [];
  const written = nodesOf(entry.value).find(node => sameValue(toPlain(node), value));
  const scalar: Node = { kind: 'scalar', value: value as number, span: entry.value.span };
  return toOverride(name, entry.key, written ?? scalar);
}

/** The nodes that may be a value: items of a list, or the node itself. */
function nodesOf(node: Node): readonly Node[] {
  const values = node.kind === 'map' ? (child(node, 'values') ?? node) : node;
  return values.kind === 'list' ? [...values.items, values] : [values];
}

function toOverride(name: string, key: Span, value: Node): readonly Override[] {
  const [target, ...path] = partsOf(name, key);
  return target === undefined ? [] : [{ target, path, value }];
}

/** The parts of `train.learningRate`, each with its place. */
function partsOf(name: string, key: Span): readonly PathPart[] {
  const { source } = key;
  let start = key.start + Math.max(0, source.text.slice(key.start, key.end).indexOf(name));
  return name.split('.').map(part => {
    const span = { source, start, end: start + part.length };
    start = span.end + 1;
    return { name: part, span };
  });
}
