import { deriveSeed, Random } from '../core/random.ts';
import { drawInitial, type WrittenInitializer } from './initializers.ts';
import type { Network, NetworkWeight } from './network.ts';

/**
 * Initial weights of a network. Each weight has a random stream of its own, so that a change in one layer leaves the others'
 * values as they were.
 */
export function initialWeights(network: Network, seed: number): Record<string, Float32Array> {
  return Object.fromEntries(network.weights.map(weight => [weight.key, initialize(weight, seed)]));
}

const NO_FANS = { fanIn: 0, fanOut: 0 };

function initialize({ init, shape, key }: NetworkWeight, seed: number): Float32Array {
  const random = new Random(deriveSeed(seed, key));
  const draw = (initializer: WrittenInitializer, fans = NO_FANS) =>
    drawInitial(initializer, shape, fans, random);
  if (typeof init === 'string') return draw(init);
  return 'fanIn' in init
    ? draw(init.initializer ?? 'glorotUniform', init)
    : draw({ use: 'randomNormal', ...init });
}
