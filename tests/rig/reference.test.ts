import { describe, expect, it } from 'vitest';
import { loadReference, referenceBatch, referenceWeights } from './reference.ts';

describe.each(['dcgan', 'cgan'] as const)('the %s reference', model => {
  it('starts from the same weights in TypeScript as in Python', async () => {
    const reference = await loadReference(model);
    const weights = referenceWeights(reference);
    for (const { index, name, positions, initial } of reference.tensors) {
      const here = positions.map(at => weights[index]?.[at]);
      expect(here, name).toEqual(initial);
    }
  });

  it('is fed the same inputs', async () => {
    const { seed, batch, inputs } = await loadReference(model);
    const { noise, images, labels } = referenceBatch(seed, 1, batch);
    expect([...noise.slice(0, 8)]).toEqual(inputs.noise);
    expect([...images.slice(0, 8)]).toEqual(inputs.images);
    expect([...labels]).toEqual(inputs.labels);
  });

  it('counts the weights of the original', async () => {
    const { tensors } = await loadReference(model);
    const count = (network: string): number =>
      tensors
        .filter(tensor => tensor.network === network)
        .reduce((total, { shape }) => total + shape.reduce((size, side) => size * side, 1), 0);
    const expected = { dcgan: [1_051_267, 394_305], cgan: [1_133_187, 920_641] };
    expect([count('generator'), count('discriminator')]).toEqual(expected[model]);
  });
});
