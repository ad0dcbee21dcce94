import { compareGroups, groupLabels, type GroupComparison } from '../../compare/groups/compare-groups.ts';
import { groupKeys } from '../../compare/groups/group.ts';
import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { printable } from '../../core/printable.ts';
import type { StoredExperiment } from '../../registry/index.ts';

export interface GroupedOptions {
  /** Comma-separated. */
  readonly groupBy: string;
  readonly baseline?: string;
  readonly all?: boolean;
}

/**
 * Compares groups of the finished ones of these experiments.
 * @throws Failure, exit code 2, for a key that none has, an unknown baseline, and where none has finished
 */
export function compareByGroups(
  experiments: readonly StoredExperiment[],
  { groupBy, baseline, all = false }: GroupedOptions,
): GroupComparison {
  const finished = experiments.filter(({ status }) => status === 'finished');
  if (finished.length === 0)
    throw new Failure({
      code: 'nothing-to-compare',
      exitCode: 2,
      message: 'none of these experiments has finished: there is nothing to compare',
      hint: 'pipe list --status finished shows those that have',
    });
  const known = groupKeys(finished);
  const keys = [...new Set(groupBy.split(',').map(key => key.trim()))];
  for (const key of keys) if (!known.includes(key)) throw unknownKey(key, known);
  const labels = groupLabels(finished, keys);
  if (baseline !== undefined && !labels.includes(baseline)) throw unknownBaseline(baseline, labels);
  const leftOut = experiments.filter(each => !finished.includes(each));
  return compareGroups(finished, leftOut, { keys, all, ...(baseline !== undefined && { baseline }) });
}

function unknownKey(key: string, known: readonly string[]): Failure {
  const meant = didYouMean(key, known);
  return new Failure({
    code: 'unknown-group-key',
    exitCode: 2,
    message: `--group-by ${printable(key)}: no finished one of these experiments has a parameter of that name${meant === undefined ? '' : `; ${printable(meant)}`}`,
    details: [
      'They can be grouped by pipeline, sweep, point (of a sweep), or a parameter such as train.learningRate.',
    ],
  });
}

function unknownBaseline(baseline: string, labels: readonly string[]): Failure {
  const meant = didYouMean(baseline, labels);
  return new Failure({
    code: 'unknown-baseline',
    exitCode: 2,
    message: `--baseline ${printable(baseline)}: there is no such group${meant === undefined ? '' : `; ${printable(meant)}`}`,
    details: [`The groups are ${labels.map(label => `"${printable(label)}"`).join(', ')}.`],
  });
}
