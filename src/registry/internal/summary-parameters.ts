/**
 * Parameters in the index of summaries. Experiments with the same names of parameters share a set; a parameter that has one value in
 * all of them is stored once, any other value by a number for each experiment: its value, or a position among the values of all sets.
 */
import type { ListedParameters } from '../stored.ts';

export interface ParameterSet {
  readonly names: readonly string[];
  /** A character for each name: `=` one value for all, `#` a number for each, `@` a position for each. */
  readonly kinds: string;
  /** Of each name that has one value for all; null otherwise. */
  readonly shared: readonly unknown[];
}

/** The parameters of experiments, in their order. */
export interface StoredParameters {
  readonly sets: readonly ParameterSet[];
  /** Values that are no numbers, by position. */
  readonly values: readonly unknown[];
  /** For each experiment its set. */
  readonly set: readonly number[];
  /** For each experiment its numbers. */
  readonly numbers: readonly (readonly number[])[];
}

/** The parameters of a record. */
export const recordedParameters = (record: Readonly<Record<string, unknown>>): ListedParameters => ({
  names: Object.keys(record),
  get: name => (Object.hasOwn(record, name) ? record[name] : undefined),
});

export function storeParameters(all: readonly ListedParameters[]): StoredParameters {
  const bySet = new Map<string, { position: number; members: ListedParameters[] }>();
  const set = all.map(parameters => {
    const key = JSON.stringify(parameters.names);
    const known = bySet.get(key) ?? { position: bySet.size, members: [] };
    bySet.set(key, known);
    known.members.push(parameters);
    return known.position;
  });
  const sets = [...bySet.values()].map(({ members }) => toSet(members));
  const positions = new Map<string, number>();
  const values: unknown[] = [];
  const positionOf = (value: unknown): number => {
    const key = JSON.stringify(value);
    const position = positions.get(key) ?? values.push(value) - 1;
    positions.set(key, position);
    return position;
  };
  const numbers = all.map((parameters, index) => {
    const { names, kinds } = sets[set[index] as number] as ParameterSet;
    return names.flatMap((name, at) => {
      const value = parameters.get(name);
      return kinds[at] === '=' ? [] : [kinds[at] === '#' ? (value as number) : positionOf(value)];
    });
  });
  return { sets, values, set, numbers };
}

/** @param members Of equal names, at least one. */
function toSet(members: readonly ListedParameters[]): ParameterSet {
  const [first] = members as readonly [ListedParameters];
  const kinds = first.names.map(name => {
    const value = JSON.stringify(first.get(name));
    if (members.every(each => JSON.stringify(each.get(name)) === value)) return '=';
    return members.every(each => typeof each.get(name) === 'number') ? '#' : '@';
  });
  const shared = first.names.map((name, at) => (kinds[at] === '=' ? first.get(name) : null));
  return { names: first.names, kinds: kinds.join(''), shared };
}

/** A set to read from. */
export interface OpenSet extends ParameterSet {
  /** Numbers of each experiment. */
  readonly size: number;
  /** For each name its place in `kinds`, and among the numbers. */
  readonly places: ReadonlyMap<string, readonly [at: number, slot: number]>;
}

/** Undefined for what is no set. */
export function openSet(value: unknown): OpenSet | undefined {
  const { names, kinds, shared } = (value ?? {}) as Partial<Record<keyof ParameterSet, unknown>>;
  if (!Array.isArray(names) || !Array.isArray(shared) || typeof kinds !== 'string') return undefined;
  if (names.length !== kinds.length || names.length !== shared.length || !/^[=#@]*$/.test(kinds))
    return undefined;
  let size = 0;
  const places = new Map<string, readonly [number, number]>();
  for (const [at, name] of (names as readonly string[]).entries())
    places.set(name, [at, kinds[at] === '=' ? 0 : size++]);
  return { names: names as readonly string[], kinds, shared, size, places };
}

/** The parameters of one experiment in the index. */
export class IndexedParameters implements ListedParameters {
  readonly #set: OpenSet;
  readonly #numbers: Float64Array;
  readonly #start: number;
  readonly #values: readonly unknown[];

  /** @param start Where its numbers begin. */
  constructor(set: OpenSet, numbers: Float64Array, start: number, values: readonly unknown[]) {
    this.#set = set;
    this.#numbers = numbers;
    this.#start = start;
    this.#values = values;
  }

  get names(): readonly string[] {
    return this.#set.names;
  }

  get(name: string): unknown {
    const place = this.#set.places.get(name);
    if (place === undefined) return undefined;
    const [at, slot] = place;
    const kind = this.#set.kinds[at];
    if (kind === '=') return this.#set.shared[at];
    const number = this.#numbers[this.#start + slot] as number;
    return kind === '#' ? number : this.#values[number];
  }
}
