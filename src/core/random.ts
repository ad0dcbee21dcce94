import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A 32-bit seed from a seed and names, so that every use of randomness has a stream of its own. */
export function deriveSeed(seed: number, ...names: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...names]))
    .digest();
  return digest.readUInt32LE(0);
}

/** The whole state of a `Random`, for checkpoints. */
export interface RandomState {
  readonly generator: readonly number[];
  /** The second normal of the last Box–Muller pair, when it was not used yet. */
  readonly spare: number | null;
}

/** A seeded, serialisable random generator (xoroshiro128+ of pure-rand). Seed 0 is a seed like any other. */
export class Random {
  #generator: ReturnType<typeof xoroshiro128plus>;
  #spare: number | null = null;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed | 0);
  }

  static fromState(state: RandomState): Random {
    const random = new Random(0);
    random.#generator = xoroshiro128plusFromState(state.generator);
    random.#spare = state.spare;
    return random;
  }

  state(): RandomState {
    return { generator: [...this.#generator.getState()], spare: this.#spare };
  }

  /** Uniform in `[low, high)`. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.#generator);
  }

  /** A uniform integer in `[low, high]`, both included. */
  integer(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  /** Standard normal, by the Box–Muller transform. */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** `count` standard normals as float32. */
  normals(count: number): Float32Array {
    return Float32Array.from({ length: count }, () => this.normal());
  }

  /** One of the items; the array must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** A permutation of `0 … count - 1` (Fisher–Yates). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last--) {
      const other = this.integer(0, last);
      const kept = order[last] as number;
      order[last] = order[other] as number;
      order[other] = kept;
    }
    return order;
  }
}
