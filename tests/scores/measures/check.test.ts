import { describe, expect, it } from 'vitest';
import { checkFeatures } from '../../../src/scores/measures/check.ts';
import type { NamedFeatures } from '../../../src/scores/score.ts';

const set = (name: string, values: readonly number[], width = 2): NamedFeatures => ({
  name,
  values: Float32Array.from(values),
  count: values.length / width,
  width,
});

const reference = set('reference pictures', [1, 2, 3, 4, 5, 6]);

describe('features that cannot be scored', () => {
  it('that are not numbers: the set and the picture are named', () => {
    const fakes = set('generated pictures', [1, 2, 3, NaN, Infinity, 6]);
    expect(() => checkFeatures('FID', 2, reference, fakes)).toThrow(
      'Picture 1 of the generated pictures (the first is 0) has the feature NaN, of which nothing can be computed.',
    );
  });

  it('of too few pictures: says how many it takes', () => {
    const fakes = set('generated pictures', [1, 2]);
    expect(() => checkFeatures('FID', 2, reference, fakes)).toThrow(
      'FID takes at least 2 generated pictures, and there is 1.',
    );
  });

  it('of two embeddings: says both widths', () => {
    const fakes = set('generated pictures', [1, 2, 3, 4, 5, 6], 3);
    expect(() => checkFeatures('FID', 2, reference, fakes)).toThrow(
      'The reference pictures have 2 features each, the generated pictures 3: they come from two embeddings.',
    );
  });

  it('and lets all others pass', () => {
    checkFeatures('FID', 2, reference, set('generated pictures', [1, 2, 3, 4]));
  });
});
