import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { parameterDifferences } from '../../../src/run/fingerprint/parameters.ts';

const train = {
  id: 'train',
  params: { iterations: 100, sample: { every: 5 } },
  ignored: ['epochs', 'other'],
  stage: { params: Type.Object({}) },
};

describe('the parameters of a stage beside those of a record', () => {
  it('differ by value, and where only one side has them', () => {
    const parameters = { 'train.iterations': 50, 'train.beta1': 0.5, 'sample.count': 3 };
    expect(parameterDifferences(train, { parameters })).toEqual([
      { name: 'train.iterations', then: 50, now: 100 },
      { name: 'train.beta1', then: 0.5, now: undefined },
      { name: 'train.sample.every', then: undefined, now: 5 },
    ]);
  });

  it('do not differ in what has no effect: earlier records have those too', () => {
    const parameters = {
      'train.epochs': 20,
      'train.other.part': 1,
      'train.iterations': 100,
      'train.sample.every': 5,
    };
    expect(parameterDifferences(train, { parameters })).toEqual([]);
  });

  it('do not differ where a newer parameter has its default', () => {
    const stage = {
      params: Type.Object({
        iterations: Type.Integer(),
        loss: Type.String({ default: 'bce' }),
        augment: Type.Array(Type.String(), { default: [] }),
        sample: Type.Object({ every: Type.Integer({ default: 5 }) }, { default: {} }),
      }),
    };
    const params = { iterations: 100, loss: 'bce', augment: [], sample: { every: 5 } };
    const planned = { id: 'train', params, stage };
    const differing = (now: object, parameters: object = { 'train.iterations': 100 }) =>
      parameterDifferences(
        { ...planned, params: { ...params, ...now } },
        { parameters: { ...parameters } },
      ).map(({ name }) => name);
    expect(differing({})).toEqual([]);
    expect(differing({ loss: 'hinge', sample: { every: 6 } })).toEqual(['train.loss', 'train.sample.every']);
    expect(differing({}, { 'train.iterations': 100, 'train.loss': 'hinge' })).toEqual(['train.loss']);
  });
});
