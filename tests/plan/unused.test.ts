import { describe, expect, it } from 'vitest';
import { planOf, validPlan, type StageSketch } from './rig.ts';

const warnings = (...stages: readonly StageSketch[]) =>
  validPlan(planOf(...stages)).pipeline.warnings.map(({ message, hint, location }) => [
    location?.line,
    message,
    hint,
  ]);

const data = (id: string): StageSketch => ({ id, makes: { dataset: 'dataset' } });
const change = (id: string): StageSketch => ({ ...data(id), takes: { dataset: 'dataset' } });
const train: StageSketch = { id: 'train', takes: { dataset: 'dataset' }, makes: { model: 'trained-model' } };

describe('a stage that runs for nothing is warned of', () => {
  it('the first of two that make the same', () => {
    expect(warnings(data('a'), data('b'), train)).toEqual([
      [
        1,
        'nothing uses what stage "a" makes: the dataset of "train" comes from "b"',
        'give "train" inputs: { dataset: a }, or leave this stage out',
      ],
    ]);
  });

  it('one that comes too late', () => {
    expect(warnings(data('a'), train, change('normalize'))).toEqual([
      [
        3,
        'nothing uses what stage "normalize" makes: the dataset of "train" comes from "a"',
        'move it before "train", or leave it out',
      ],
    ]);
  });

  it('and none whose output is the end of the pipeline, or that another stage takes', () => {
    expect(warnings(data('a'), change('b'))).toEqual([]);
    expect(warnings(data('a'), change('b'), train)).toEqual([]);
    expect(warnings(data('a'), { ...train, id: 'one' }, { ...train, id: 'two' })).toEqual([]);
    expect(
      warnings(data('a'), data('b'), train, { ...train, id: 'other', inputs: { dataset: 'a' } }),
    ).toEqual([]);
  });

  it('nor one beside an input that may be left out', () => {
    const look: StageSketch = { id: 'look', takes: { model: 'trained-model?' } };
    expect(warnings(data('a'), { ...train, id: 'one' }, { ...train, id: 'two' }, look)).toEqual([]);
  });
});
