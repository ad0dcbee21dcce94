import { describe, expect, it } from 'vitest';
import { planPipeline } from '../../src/plan/plan-pipeline.ts';
import { loadText, problemsOf, valid } from '../config/rig.ts';

const PIPELINE = `
name: x
stages:
  - use: load-cifar
    seed: 42
    params: { source: synthetic, count: 10 }
  - use: normalize
`;

describe('the seed of a stage', () => {
  it('replaces the pipeline’s, and is in the resolved pipeline', async () => {
    const seedsFor = async (seed: number) => {
      const pipeline = valid(await loadText(PIPELINE, { set: [`seed=${seed}`] }));
      expect(pipeline.resolvedText).toContain('seed: 42');
      const planned = planPipeline(pipeline);
      if (!planned.ok) throw new Error('no plan');
      return planned.plan.stages.map(({ stageSeed }) => stageSeed);
    };
    const [of42, of1, of2] = [await seedsFor(42), await seedsFor(1), await seedsFor(2)];
    expect(of1[0]).toBe(of2[0]);
    expect(of1[0]).toBe(of42[0]);
    expect(new Set([of1[1], of2[1], of42[1]]).size).toBe(3);
  });

  it('may be 0, and may be a variable', async () => {
    const text = PIPELINE.replace('seed: 42', 'seed: ${fixed}').replace(
      'name: x',
      'name: x\nvars: { fixed: 0 }',
    );
    const pipeline = valid(await loadText(text));
    expect(pipeline.stages[0]?.seed).toBe(0);
  });

  it('is a whole number, in its place', async () => {
    const problems = problemsOf(await loadText(PIPELINE.replace('seed: 42', 'seed: often')));
    expect(problems).toMatchObject([{ code: 'wrong-type', location: { line: 5, column: 11 } }]);
  });
});
