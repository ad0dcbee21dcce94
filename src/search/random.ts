import { deriveSeed, Random } from '../core/random.ts';
import type { Asked } from './asked.ts';
import { fromUnit } from './scale.ts';
import type { Point, Space } from './space.ts';
import { makePoint } from './space.ts';
import { drawUnseen } from './unseen.ts';

/** Independent draws, uniform on each dimension's scale; no point twice while there is another. */
export function suggestRandom(asked: Asked): Point | undefined {
  const random = new Random(deriveSeed(asked.seed, 'random', asked.index));
  return drawUnseen(asked, random, () => randomPoint(asked.space, random));
}

/** A draw per active dimension, uniform on its scale. */
export const randomPoint = (space: Space, random: Random): Point =>
  makePoint(space, dimension => fromUnit(dimension, random.uniform()));
