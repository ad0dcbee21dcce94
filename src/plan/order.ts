/** Stages that cannot be ordered: each needs the next, and the last is the first. */
export interface Cycle {
  readonly cycle: readonly string[];
}

/**
 * Orders ids so that each comes after those it needs, and otherwise keeps their order.
 * @param needs The ids that each id needs, in file order.
 */
export function topologicalOrder(
  needs: ReadonlyMap<string, readonly string[]>,
): { readonly order: readonly string[] } | Cycle {
  const order: string[] = [];
  const done = new Set<string>();
  const remaining = new Set(needs.keys());
  while (remaining.size > 0) {
    const ready = [...remaining].find(id => needsOf(needs, id).every(other => done.has(other)));
    if (ready === undefined) return { cycle: findCycle(needs, done) };
    remaining.delete(ready);
    done.add(ready);
    order.push(ready);
  }
  return { order };
}

const needsOf = (needs: ReadonlyMap<string, readonly string[]>, id: string): readonly string[] =>
  needs.get(id) ?? [];

/** Follows needs among the remaining ids; each has one, so the walk meets itself. */
function findCycle(
  needs: ReadonlyMap<string, readonly string[]>,
  done: ReadonlySet<string>,
): readonly string[] {
  const path: string[] = [];
  let id = [...needs.keys()].find(other => !done.has(other));
  while (id !== undefined && !path.includes(id)) {
    path.push(id);
    id = needsOf(needs, id).find(other => !done.has(other));
  }
  return id === undefined ? path : [...path.slice(path.indexOf(id)), id];
}
