import type { ShownStatus } from '../../core/experiment.ts';
import { counted } from '../../core/format.ts';
import { listedShortly } from '../listed.ts';
import { metricGroups } from '../metric-groups.ts';
import { protocolNotes } from '../protocol-notes.ts';
import type { ComparedExperiment, ComparisonTable } from '../table.ts';
import { groupMetrics, type GroupedMetric } from './group-metrics.ts';
import { groupExperiments, type Group } from './group.ts';
import { repeatsIn } from './repeats.ts';
import { groupSections } from './sections.ts';

export interface GroupOptions {
  /** At least one of `groupKeys`. */
  readonly keys: readonly string[];
  /** The label of the group that the others are compared with; by default the first one. */
  readonly baseline?: string;
  /** True for every parameter, and for the best run of each group. */
  readonly all: boolean;
}

/** An experiment that no group has, as it has not finished. */
export interface LeftOut {
  readonly id: string;
  readonly status: ShownStatus;
}

export interface GroupComparison {
  readonly keys: readonly string[];
  /** The baseline first. */
  readonly groups: readonly Group[];
  readonly metrics: readonly GroupedMetric[];
  readonly table: ComparisonTable;
}

/**
 * Compares groups of repeated experiments: means with 95 % intervals, and whether differences to the first group, the baseline, are
 * more than noise. Pure.
 * @param finished At least one.
 */
export function compareGroups(
  finished: readonly ComparedExperiment[],
  leftOut: readonly LeftOut[],
  { keys, baseline, all }: GroupOptions,
): GroupComparison {
  const { groups: unordered, notes } = repeatsIn(groupExperiments(finished, keys));
  const first = unordered.filter(({ label }) => label === baseline);
  const groups = [...first, ...unordered.filter(group => !first.includes(group))];
  const metrics = groupMetrics(groups);
  const experiments = groups.flatMap(group => group.experiments);
  return {
    keys,
    groups,
    metrics,
    table: {
      heads: groups.map(({ label }) => label),
      sections: groupSections(groups, metrics, { keys, all }),
      notes: [
        ...(groups.length === 1 ? ['There is one group only: nothing to compare it with.'] : []),
        ...notes,
        ...leftOutNotes(leftOut),
        ...protocolNotes(experiments, metricGroups(experiments)),
      ],
      legend: {
        best: 'the best of its row, and more than noise apart from each other one',
        interval: '±: 95% interval of the mean of n runs (Student’s t), each with its best value',
      },
    },
  };
}

/** The labels that groups of these experiments have, in their order. */
export const groupLabels = (
  finished: readonly ComparedExperiment[],
  keys: readonly string[],
): readonly string[] => groupExperiments(finished, keys).map(({ label }) => label);

function leftOutNotes(leftOut: readonly LeftOut[]): string[] {
  if (leftOut.length === 0) return [];
  const named = leftOut.map(({ id, status }) => `${id} (${status})`);
  const verb = leftOut.length === 1 ? 'has not finished and is' : 'have not finished and are';
  return [`${counted(leftOut.length, 'experiment')} ${verb} left out: ${listedShortly(named)}.`];
}
