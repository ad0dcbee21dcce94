import { differingParts } from '../core/protocol.ts';
import { groupedBy } from './grouped-by.ts';
import type { MetricGroup } from './metric-groups.ts';
import type { ComparedExperiment } from './table.ts';

/** Most metrics that a note names. */
const MOST_NAMES = 3;

/** Metrics of one name whose values no protocol makes comparable. */
interface Conflict {
  readonly metric: string;
  readonly stages: readonly string[];
  /** The experiments that have it. */
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

/** @param groups Those of one name. */
function conflictIn(groups: readonly MetricGroup[], ids: readonly string[]): Conflict[] {
  if (groups.every(({ protocol }) => protocol === undefined)) return [];
  const having = ids.filter((_, index) => groups.some(({ summaries }) => summaries[index] !== undefined));
  const sides = [...new Set(groups.map(({ protocol }) => protocol))].map(protocol => {
    const same = groups.filter(each => each.protocol === protocol);
    return { protocol, ids: ids.filter((_, index) => same.some(({ summaries }) => summaries[index])) };
  });
  if (having.length < 2 || sides.some(side => side.ids.length === having.length)) return [];
  const stages = groups.flatMap(({ summaries }) => summaries.flatMap(summary => summary?.stage ?? []));
  return [{ metric: groups[0]?.own ?? '', stages: [...new Set(stages)], ids: having, sides }];
}

/** @param conflicts Those that differ by the metric alone, at least one. */
function noteOn(conflicts: readonly Conflict[]): string {
  const [{ sides, stages, ids }] = conflicts as readonly [Conflict];
  const metrics = conflicts.map(({ metric }) => metric);
  const names = metrics.slice(0, MOST_NAMES);
  const rest = metrics.length - names.length;
  const subject = listed(rest === 0 ? names : [...names, `${rest} more`]);
  const parts = differingParts(sides.map(({ protocol }) => protocol));
  const differences = sides.flatMap((side, index) =>
    parts[index] === '' ? [] : [`${parts[index]} in ${listed(side.ids)}`],
  );
  const verb = metrics.length === 1 ? 'was' : 'were';
  const rerun = `Rerun ${listed(stages)} with the same settings to compare.`;
  return `${subject} of ${listed(ids)} ${verb} measured differently: ${differences.join('; ')}. ${rerun}`;
}

/** `a`, `a and b`, `a, b and c`. */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
