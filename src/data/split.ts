import { deriveSeed, Random } from '../core/random.ts';
import { apportion } from './apportion.ts';
import { grouped } from './report.ts';

/** A share of all examples (below 1), or a number of them, or none. */
export type PartSize = number | 'none';

export interface PartSizes {
  readonly validation: PartSize;
  readonly test: PartSize;
}

/** Parts in the order in which examples are given out: the last ones are for tests. */
export const PARTS = ['training', 'validation', 'test'] as const;
export type Part = (typeof PARTS)[number];

/** How many examples each part has; 0 of one that is not asked for. */
export type PartCounts = Readonly<Record<Part, number>>;

/** What is wrong with a size, and what would be right. */
export interface SizeFault {
  readonly part: 'validation' | 'test';
  readonly message: string;
  readonly hint: string;
}

/** The number of examples of each part of `count`, or what prevents that. */
export function partCounts(count: number, sizes: PartSizes): PartCounts | SizeFault {
  const sizeOf = (size: PartSize) => (size === 'none' ? 0 : size < 1 ? Math.round(size * count) : size);
  const [validation, test] = [sizeOf(sizes.validation), sizeOf(sizes.test)];
  for (const part of ['validation', 'test'] as const)
    if (sizes[part] !== 'none' && sizeOf(sizes[part]) === 0)
      return {
        part,
        message: `${part}: ${sizes[part]} of ${examples(count)} is less than one`,
        hint: 'take a larger share, or a number of examples such as 10',
      };
  const training = count - validation - test;
  if (training > 0) return { training, validation, test };
  const [part] = validation >= test ? (['validation'] as const) : (['test'] as const);
  return {
    part,
    message: `${part}: of ${examples(count)} ${grouped(validation + test)} are taken, which leaves none for training`,
    hint: 'take smaller parts, or load more examples',
  };
}

const examples = (count: number) => `${grouped(count)} ${count === 1 ? 'example' : 'examples'}`;

export interface Division {
  /** The index of each example's part among `PARTS`. */
  readonly partOf: Uint8Array;
  /** For each group of examples, the number of them in each part. */
  readonly counts: readonly (readonly number[])[];
}

/**
 * Divides examples among parts so that each group has its share in each of them, less than one example off; all sums are exact.
 *
 * @param groups The number of the group of each example, such as its label; all 0 without groups.
 * @param seed Of the draw; without it, the first examples of a group are for training and the last ones for tests.
 */
export function divide(groups: Uint8Array, counts: PartCounts, seed?: number): Division {
  const members = membersOf(groups);
  const divided = apportion(
    members.map(({ length }) => length),
    PARTS.map(part => counts[part]),
  );
  const partOf = new Uint8Array(groups.length);
  members.forEach((indices, group) => {
    const order = seed === undefined ? undefined : orderOf(indices.length, seed, group);
    let place = 0;
    (divided[group] as number[]).forEach((count, part) => {
      for (let taken = 0; taken < count; taken++, place++)
        partOf[indices[order === undefined ? place : (order[place] as number)] as number] = part;
    });
  });
  return { partOf, counts: divided };
}

/** Each group has a random stream of its own: another group more changes no other. */
const orderOf = (count: number, seed: number, group: number) =>
  new Random(deriveSeed(seed, 'split', group)).permutation(count);

function membersOf(groups: Uint8Array): readonly Uint32Array[] {
  const sizes: number[] = new Array<number>(
    groups.reduce((most, group) => Math.max(most, group + 1), 0),
  ).fill(0);
  for (const group of groups) sizes[group] = (sizes[group] as number) + 1;
  const members = sizes.map(size => new Uint32Array(size));
  const filled = new Uint32Array(sizes.length);
  groups.forEach((group, index) => {
    const place = filled[group] as number;
    (members[group] as Uint32Array)[place] = index;
    filled[group] = place + 1;
  });
  return members;
}
