import { deriveSeed, Random } from '../core/random.ts';
import type { Asked } from './asked.ts';
import { joeKuo } from './joe-kuo.ts';
import { randomPoint } from './random.ts';
import { fromUnit } from './scale.ts';
import type { Point } from './space.ts';
import { makePoint } from './space.ts';
import { drawUnseen } from './unseen.ts';

/** Bits of a number: the sequence has 2^32 points. */
const BITS = 32;

/**
 * The point of this index of a scrambled Sobol sequence, a coordinate per dimension of the space, active or not; where a finite
 * space has it already, a random one instead. A space of more than 128 dimensions has random coordinates beyond them.
 */
export function suggestSobol(asked: Asked): Point | undefined {
  const { space, seed, index } = asked;
  const random = new Random(deriveSeed(seed, 'sobol', index));
  const first = makePoint(space, dimension => {
    const at = space.indexOf(dimension);
    const unit = at > joeKuo.length ? random.uniform() : sobolUnit(index, at, deriveSeed(seed, 'owen', at));
    return fromUnit(dimension, unit);
  });
  const drawn = [first];
  return drawUnseen(asked, random, () => drawn.pop() ?? randomPoint(space, random));
}

/** A coordinate in `[0, 1)` of a scrambled point. */
const sobolUnit = (index: number, dimension: number, seed: number): number =>
  owenScrambled(sobolBits(index, dimension), seed) / 2 ** BITS;

/** A coordinate of a point of Sobol's sequence as 32 bits, in the order of Gray codes, as scipy has it. Dimensions count from 0. */
export function sobolBits(index: number, dimension: number): number {
  const gray = (index ^ (index >>> 1)) >>> 0;
  const directions = directionsOf(dimension);
  let bits = 0;
  for (let bit = 0; bit < BITS; bit++) {
    if ((gray >>> bit) & 1) bits ^= directions[bit] as number;
  }
  return bits >>> 0;
}

/** Direction numbers v1 … v32 by the recurrence of Bratley and Fox (1988). */
function directionsOf(dimension: number): Uint32Array {
  const [polynomial = 1, ...initial] = joeKuo[dimension - 1] ?? [];
  const degree = initial.length;
  const numbers = new Uint32Array(BITS).fill(1);
  numbers.set(initial);
  for (let at = degree; degree > 0 && at < BITS; at++) {
    const last = numbers[at - degree] as number;
    let next = last ^ (last << degree);
    for (let back = 1; back < degree; back++) {
      if ((polynomial >>> (degree - back)) & 1) next ^= (numbers[at - back] as number) << back;
    }
    numbers[at] = next;
  }
  return numbers.map((number, at) => number << (BITS - 1 - at));
}

/**
 * Nested uniform scrambling (Owen 1995): each bit is flipped or not as a hash of the seed and of all bits above it says, so that nets
 * stay nets. Integer arithmetic alone.
 */
export function owenScrambled(bits: number, seed: number): number {
  let scrambled = bits;
  for (let bit = 0; bit < BITS; bit++) {
    // Number of the node in the binary tree of prefixes, whose root is 1.
    const node = bit === 0 ? 1 : (1 << bit) | (bits >>> (BITS - bit));
    const flip = mixed(mixed(node ^ seed) + seed) & 1;
    scrambled ^= flip << (BITS - 1 - bit);
  }
  return scrambled >>> 0;
}

/** The finalizer of MurmurHash3: each bit of the result depends on all bits. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
