import type { NamedFeatures, Score } from '../score.ts';
import { checkCount, checkFeatures } from './check.ts';
import type { MeasureContext } from './context.ts';
import { bootstrap, distanceOf, REPLICATES } from './fid.ts';
import { mean } from './interval.ts';
import type { Rows } from './rows.ts';

/** Features of pictures of which each has a class. */
export interface LabelledFeatures extends NamedFeatures {
  /** `[count]`, indices of classes. */
  readonly labels: ArrayLike<number>;
}

/** FID of each class, and their mean. */
export interface ClassFid {
  readonly classes: readonly Score[];
  readonly mean: Score;
}

/**
 * Class-wise FID ("intra-class FID": Miyato & Koyama 2018): FID between the pictures of each class, for generated ones the class that
 * was asked for. A generator that ignores its label has a good FID and a bad one of these.
 * @param classes Names of classes, two pictures or more of each in both sets
 */
export async function classFid(
  context: MeasureContext,
  reference: LabelledFeatures,
  generated: LabelledFeatures,
  classes: readonly string[],
  replicates = REPLICATES,
): Promise<ClassFid> {
  checkFeatures('FID', 2, reference, generated);
  const sets = classes.map(
    (name, label) => [ofClass(reference, label, name), ofClass(generated, label, name)] as const,
  );
  const scores: Score[] = [];
  for (const [label, rows] of sets.entries())
    scores.push(
      await bootstrap(
        context,
        `class-fid-${label}`,
        rows,
        replicates,
        (...[from, to]) => distanceOf(context, from, to),
        { low: 0 },
      ),
    );
  return { classes: scores, mean: meanScore(scores) };
}

/** @throws Failure `scores-too-few` */
function ofClass(features: LabelledFeatures, label: number, name: string): Rows {
  const order = Uint32Array.from(
    Array.from({ length: features.count }, (_, row) => row).filter(row => features.labels[row] === label),
  );
  checkCount('FID of each class', `${features.name} of the class ${name}`, order.length, 2);
  return { features, order };
}

/** The classes have no picture in common, so the squares of their errors add up. */
function meanScore(scores: readonly Score[]): Score {
  const value = mean(scores.map(score => score.value));
  const squares = scores.reduce((sum, { value: of, interval: [, high] }) => sum + (high - of) ** 2, 0);
  const half = Math.sqrt(squares) / scores.length;
  return { value, interval: [Math.max(0, value - half), value + half] };
}
