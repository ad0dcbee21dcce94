import { differingParts } from '../core/protocol.ts';
import { groupedBy } from '../core/grouped-by.ts';
import { listed, listedShortly } from './listed.ts';
import type { MetricGroup } from './metric-groups.ts';
import type { ComparedExperiment } from './table.ts';

/** A metric that experiments measured by protocols of their own. */
interface Conflict {
  readonly metric: string;
  readonly stages: readonly string[];
  /** The experiments whose values of it have no counterpart in another one. */
  readonly ids: readonly string[];
  /** Each protocol, and the experiments that measured by it. */
  readonly sides: readonly Side[];
}

interface Side {
  readonly protocol: string | undefined;
  readonly ids: readonly string[];
}

/** A sentence for metrics that experiments measured differently, with the parts of their protocols that differ. */
export function protocolNotes(
  experiments: readonly ComparedExperiment[],
  groups: readonly MetricGroup[],
): string[] {
  const ids = experiments.map(({ record }) => record.id);
  const names = [...new Set(groups.map(({ own }) => own))];
  const conflicts = names.flatMap(name =>
    conflictIn(
      groups.filter(({ own }) => own === name),
      ids,
    ),
  );
  const alike = groupedBy(conflicts, ({ sides, stages }) => JSON.stringify([sides, stages]));
  return [...alike.values()].map(noteOn);
}

/**
 * Protocols that all have are of no interest, nor are those that only one experiment has beside them.
 * @param groups Those of one name.
 */
function conflictIn(groups: readonly MetricGroup[], ids: readonly string[]): Conflict[] {
  if (groups.every(({ protocol }) => protocol === undefined)) return [];
  const having = idsIn(groups, ids);
  const apart = [...groupedBy(groups, ({ protocol }) => protocol)].filter(
    ([, same]) => idsIn(same, ids).length < having.length,
  );
  const sides = apart.map(([protocol, same]) => ({ protocol, ids: idsIn(same, ids) }));
  const members = apart.flatMap(([, same]) => same);
  const concerned = idsIn(members, ids);
  if (sides.length < 2 || concerned.length < 2) return [];
  const stages = members.flatMap(({ summaries }) => summaries.flatMap(summary => summary?.stage ?? []));
  return [{ metric: groups[0]?.own ?? '', stages: [...new Set(stages)], ids: concerned, sides }];
}

/** The experiments that have any of the metrics. */
const idsIn = (groups: readonly MetricGroup[], ids: readonly string[]): readonly string[] =>
  ids.filter((_, index) => groups.some(({ summaries }) => summaries[index] !== undefined));

/** @param conflicts Those that differ by the metric alone, at least one. */
function noteOn(conflicts: readonly Conflict[]): string {
  const [{ sides, stages, ids }] = conflicts as readonly [Conflict];
  const metrics = conflicts.map(({ metric }) => metric);
  const subject = listedShortly(metrics);
  const parts = differingParts(sides.map(({ protocol }) => protocol));
  const differences = sides.flatMap((side, index) =>
    parts[index] === '' ? [] : [`${parts[index]} in ${listed(side.ids)}`],
  );
  const verb = metrics.length === 1 ? 'was' : 'were';
  const rerun = `Rerun ${listed(stages)} with the same settings to compare.`;
  return `${subject} of ${listed(ids)} ${verb} measured differently: ${differences.join('; ')}. ${rerun}`;
}
