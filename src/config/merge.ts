import { nearest } from '../core/nearest.ts';
import { child, stringOf, withEntry, type ListNode, type MapNode, type Node } from './node.ts';
import { problemAt, type Report } from './problems.ts';
import { defaultId } from './stage-reference.ts';

/** Merges a chain of pipelines, the base last, into one without `extends`. */
export function mergeChain(roots: readonly MapNode[], report: Report): MapNode {
  for (const root of roots) reportDuplicateIds(root, report);
  return roots
    .slice(0, -1)
    .reduceRight((base, root) => mergeRoots(base, root, report), roots.at(-1) as MapNode);
}

/** A stage entry's id: as written, or its stage's name. */
export function idOf(entry: Node): string | undefined {
  const use = stringOf(child(entry, 'use'));
  return stringOf(child(entry, 'id')) ?? (use === undefined ? undefined : defaultId(use));
}

function mergeRoots(base: MapNode, root: MapNode, report: Report): MapNode {
  const stages = mergeStages(child(base, 'stages'), child(root, 'stages'), report);
  const merged: MapNode = { ...root, entries: new Map([...base.entries, ...root.entries]) };
  const key = root.entries.get('stages') ?? base.entries.get('stages');
  return stages === undefined || key === undefined
    ? merged
    : withEntry(merged, 'stages', { key: key.key, value: stages });
}

function mergeStages(base: Node | undefined, own: Node | undefined, report: Report): Node | undefined {
  if (own === undefined) return base;
  if (base?.kind !== 'list' || own.kind !== 'list') return own;
  const merged = [...base.items];
  const ids = base.items.map(idOf);
  for (const entry of own.items) {
    const id = idOf(entry);
    const at = id === undefined ? -1 : ids.indexOf(id);
    const overridden = merged[at];
    if (overridden !== undefined) merged[at] = mergeEntry(overridden, entry);
    else if (isOverrideOf(entry)) reportUnknownId(entry, ids, report);
    else merged.push(entry);
  }
  return { ...base, items: merged } satisfies ListNode;
}

/** An entry without `use` can only override one of the base. */
const isOverrideOf = (entry: Node): boolean =>
  child(entry, 'use') === undefined && stringOf(child(entry, 'id')) !== undefined;

function reportUnknownId(entry: Node, ids: readonly (string | undefined)[], report: Report): void {
  const id = stringOf(child(entry, 'id')) ?? '';
  const known = ids.filter(known => known !== undefined);
  report(
    problemAt(child(entry, 'id')?.span ?? entry.span, 'unknown-stage-id', `the base has no stage "${id}"`, {
      expected: `one of ${known.join(', ')}, or a \`use\` to add a stage`,
      suggestion: nearest(id, known),
    }),
  );
}

function mergeEntry(base: Node, own: Node): Node {
  if (base.kind !== 'map' || own.kind !== 'map') return own;
  const use = stringOf(child(own, 'use'));
  // A different stage has other parameters and inputs: the base's would be wrong.
  if (use !== undefined && use !== stringOf(child(base, 'use'))) return own;
  return mergeDeep(base, own);
}

function mergeDeep(base: Node, own: Node): Node {
  if (base.kind !== 'map' || own.kind !== 'map') return own;
  const entries = new Map(base.entries);
  for (const [name, entry] of own.entries) {
    const before = entries.get(name);
    entries.set(name, before ? { ...entry, value: mergeDeep(before.value, entry.value) } : entry);
  }
  return { ...own, entries };
}

function reportDuplicateIds(root: MapNode, report: Report): void {
  const stages = child(root, 'stages');
  if (stages?.kind !== 'list') return;
  const seen = new Set<string>();
  for (const entry of stages.items) {
    const id = idOf(entry);
    if (id === undefined) continue;
    if (seen.has(id.toLowerCase()))
      report(
        problemAt(
          (child(entry, 'id') ?? child(entry, 'use') ?? entry).span,
          'duplicate-stage-id',
          `two stages have the id "${id}"`,
          { hint: `give this one an id of its own, such as id: ${id}-2` },
        ),
      );
    seen.add(id.toLowerCase());
  }
}
