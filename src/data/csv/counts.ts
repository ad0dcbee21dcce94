import { grouped, listed } from '../report.ts';

/** How often each text occurs, in the order in which they came. */
export type Counts = Map<string, number>;

export const addTo = (counts: Counts, text: string): void =>
  void counts.set(text, (counts.get(text) ?? 0) + 1);

export const totalOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

/** The texts by value where all are whole numbers, else by name. */
export function inOrder(counts: ReadonlyMap<string, number>): readonly string[] {
  const texts = [...counts.keys()];
  const byValue = texts.every(text => /^-?\d{1,15}$/.test(text));
  return texts.sort((one, other) => (byValue ? Number(one) - Number(other) : one < other ? -1 : 1));
}

/** `sepal_length (10), species (2)` */
export const countsText = (counts: ReadonlyMap<string, number>): string =>
  listed([...counts].map(([text, count]) => `${text} (${grouped(count)})`));
