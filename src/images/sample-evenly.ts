/** At most `limit` of the items, evenly spaced, the first and last included. `limit` is at least 2. */
export function sampleEvenly<T>(items: readonly T[], limit: number): readonly T[] {
  if (items.length <= limit) return items;
  return Array.from(
    { length: limit },
    (_, index) => items[Math.round((index * (items.length - 1)) / (limit - 1))] as T,
  );
}

/** The first items of each group, equally many, at most `limit` in all but at least one of each. */
export function firstOfEach<T>(groups: readonly (readonly T[])[], limit: number): readonly T[] {
  const each = Math.max(1, Math.floor(limit / Math.max(1, groups.length)));
  return groups.flatMap(group => group.slice(0, each));
}
