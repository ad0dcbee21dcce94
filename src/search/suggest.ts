import type { Suggest } from './asked.ts';
import { gridPoint } from './grid.ts';
import { suggestRandom } from './random.ts';
import { suggestSobol } from './sobol.ts';
import { suggestTpe } from './tpe.ts';

export type { Asked, Observation, Suggest } from './asked.ts';
export { gridSize } from './grid.ts';

export type Method = 'grid' | 'random' | 'sobol' | 'tpe';

/** A method's suggestions: pure functions, the same on every machine. */
export const suggesters: Readonly<Record<Method, Suggest>> = {
  grid: ({ space, index }) => gridPoint(space, index),
  random: suggestRandom,
  sobol: suggestSobol,
  tpe: suggestTpe,
};
