import { deriveSeed, Random } from '../core/random.ts';
import type { Network, NetworkWeight } from './network.ts';
import { product } from './shape.ts';

/**
 * Initial weights as Keras makes them: zeros, ones, or Glorot uniform (Glorot & Bengio 2010, eq. 16). Each weight has a random
 * stream of its own, so that a change in one layer leaves the others' values as they were.
 */
export function initialWeights(network: Network, seed: number): Record<string, Float32Array> {
  return Object.fromEntries(network.weights.map(weight => [weight.key, initialize(weight, seed)]));
}

function initialize(weight: NetworkWeight, seed: number): Float32Array {
  const values = new Float32Array(product(weight.shape));
  if (weight.init === 'zeros') return values;
  if (weight.init === 'ones') return values.fill(1);
  const limit = Math.sqrt(6 / (weight.init.fanIn + weight.init.fanOut));
  const random = new Random(deriveSeed(seed, weight.key));
  return values.map(() => random.uniform(-limit, limit));
}
