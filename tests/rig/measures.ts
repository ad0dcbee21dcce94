import { readFile } from 'node:fs/promises';
import type { Score, NamedFeatures } from '../../src/scores/score.ts';
import { referenceUniform } from './reference.ts';

/** How a set of features is made: the twin of `features` in bench/reference/make_measures.py. */
export interface FeatureSet {
  readonly seed: number;
  readonly count: number;
  readonly scale: number;
  readonly shift: number;
  readonly decay?: boolean;
  readonly parts?: number;
}

export interface MeasuredPair {
  readonly reference: string;
  readonly generated: string;
  readonly fid: number;
  /** Without it where a covariance has no full rank, of which pytorch-fid makes another number. */
  readonly pytorchFid?: number;
  readonly mmd: number;
  readonly prdc?: Record<'precision' | 'recall' | 'density' | 'coverage', number>;
  readonly copies?: {
    readonly indices: readonly number[];
    readonly distances: readonly number[];
    readonly suspects: readonly number[];
  };
}

export interface Measures {
  readonly width: number;
  readonly k: number;
  readonly sets: Readonly<Record<string, FeatureSet>>;
  readonly pairs: readonly MeasuredPair[];
  readonly classes: {
    readonly seed: number;
    readonly count: number;
    readonly exponent: number;
    readonly inceptionScore: number;
    readonly labels: readonly number[];
    readonly accuracy: Score;
    readonly histogram: readonly number[];
    readonly expected: readonly number[];
    readonly divergence: number;
    readonly divergenceFromEqual: number;
  };
}

const CLASSES = 10;

/** The values of independent implementations. */
export const measures = JSON.parse(
  await readFile(new URL('../fixtures/scores/measures.json', import.meta.url), 'utf8'),
) as Measures;

/** Features `[count, width]` of a recipe. */
export function madeFeatures(
  name: string,
  { seed, count, scale, shift, decay, parts }: FeatureSet,
  width = measures.width,
): NamedFeatures {
  const signed = referenceUniform(seed, 5000, count * width).map(u => Math.sqrt(3) * (2 * u - 1));
  const values = Float32Array.from({ length: count * width }, (_, at) => {
    const column = at % width;
    const row = Math.floor(at / width) % (parts ?? count);
    const value = (of: number) => signed[row * width + (of % width)] as number;
    const spread = scale * (decay === true ? 2 ** -Math.floor(column / 2) : 1);
    return spread * (value(column) + 0.5 * value(column + 1)) + shift * (column % 3);
  });
  return { name, values, count, width };
}

/** A set of the fixture. */
export const fixtureFeatures = (name: string): NamedFeatures =>
  madeFeatures(`${name} pictures`, measures.sets[name] as FeatureSet);

/** Probabilities `[count, 10]` of the fixture. */
export function fixtureProbabilities(): NamedFeatures {
  const { seed, count, exponent } = measures.classes;
  const raw = referenceUniform(seed, 6000, count * CLASSES).map(u => u ** exponent);
  const values = Float32Array.from(raw, (value, at) => {
    const first = at - (at % CLASSES);
    return value / raw.subarray(first, first + CLASSES).reduce((sum, each) => sum + each, 0);
  });
  return { name: 'generated pictures', values, count, width: CLASSES };
}

/** The distance of two numbers in parts of the second one. */
export const relativeError = (value: number, wanted: number): number => Math.abs(value / wanted - 1);
