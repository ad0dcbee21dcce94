import { expect, it } from 'vitest';
import { normalMass } from '../../src/search/normal.ts';
import { fixture } from './fixture.ts';

it('normal masses are those of scipy, in both tails', () => {
  for (const [from, to, mass] of fixture<[number, number, number][]>('normal')) {
    const relative = mass === 0 ? normalMass(from, to) : normalMass(from, to) / mass - 1;
    expect([from, to, Math.abs(relative) < 1e-11]).toEqual([from, to, true]);
    expect(normalMass(-to, -from)).toBeCloseTo(normalMass(from, to), 14);
  }
});
