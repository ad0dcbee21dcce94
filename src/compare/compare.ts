import { unreachable } from '../core/failure.ts';
import { generalRows } from './general.ts';
import { metricGroups } from './metric-groups.ts';
import { metricRows } from './metrics.ts';
import { parameterRows } from './parameters.ts';
import { protocolNotes } from './protocol-notes.ts';
import type { ComparedExperiment, ComparisonTable } from './table.ts';
import { timingRows } from './timings.ts';

export interface CompareOptions {
  /** True for every parameter, not only those that differ. */
  readonly all: boolean;
  /** The running experiment that makes this comparison. */
  readonly current?: string;
}

/** Compares experiments of any pipelines and states side by side. Pure. */
export function compareExperiments(
  named: readonly ComparedExperiment[],
  { all, current }: CompareOptions,
): ComparisonTable {
  const experiments = [...new Map(named.map(each => [each.record.id, each])).values()];
  // A single experiment has no differences: everything is shown.
  const everything = all || experiments.length < 2;
  const metrics = metricGroups(experiments);
  const sections = [
    { title: 'Experiment', rows: generalRows(experiments, everything) },
    {
      title: everything ? 'Parameters' : 'Parameters that differ',
      rows: parameterRows(experiments, everything),
    },
    { title: 'Metrics', rows: metricRows(experiments, metrics) },
    { title: 'Stage times', rows: timingRows(experiments) },
  ];
  return {
    heads: experiments.map(({ record }) => record.id),
    sections: sections.filter(({ rows }) => rows.length > 0),
    notes: [
      ...repetitionNotes(named),
      ...(experiments.length === 1 ? ['There is one experiment only: nothing to compare it with.'] : []),
      ...pipelineNotes(experiments),
      ...protocolNotes(experiments, metrics),
      ...(!everything && sections[1]?.rows.length === 0 ? ['All parameters are equal.'] : []),
      ...experiments.flatMap(each => statusNotes(each, current)),
    ],
    legend: {
      best: 'best of its row',
      interval: '± or (low–high): 95 % interval; no mark where that of the best overlaps another',
    },
  };
}

function repetitionNotes(named: readonly ComparedExperiment[]): string[] {
  const ids = named.map(({ record }) => record.id);
  const repeated = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  return [...repeated].map(id => `${id} was named more than once; it is shown once.`);
}

function pipelineNotes(experiments: readonly ComparedExperiment[]): string[] {
  const names = [...new Set(experiments.map(({ record }) => record.pipeline.name))];
  return names.length < 2 ? [] : [`They are of different pipelines: ${names.join(', ')}.`];
}

function statusNotes(experiment: ComparedExperiment, current: string | undefined): string[] {
  const { record, status } = experiment;
  const { id } = record;
  if (id === current) return [`${id} made this comparison while it ran: ${progressOf(record)}.`];
  const stage = record.stages.find(each => !hasEnded(each));
  const where = stage === undefined ? '' : ` in ${stage.id}`;
  switch (status) {
    case 'finished':
      return [];
    case 'running':
      return [`${id} is still running${where}: its numbers are those so far.`];
    case 'failed':
      return [`${id} failed${where}: its numbers end where it stopped.`];
    case 'interrupted':
      return [`${id} was interrupted${where}: its numbers end where it stopped.`];
    case 'crashed':
      return [`${id} crashed${where}: its numbers end where it stopped.`];
    default:
      return unreachable(status);
  }
}

type StageStatus = ComparedExperiment['record']['stages'][number];

const hasEnded = ({ status }: StageStatus): boolean => ['ran', 'reused', 'skipped'].includes(status);

/** Stages ended so far and stages to come: the run's final status is in its record. */
function progressOf({ stages }: ComparedExperiment['record']): string {
  const names = (some: readonly StageStatus[]) => some.map(({ id }) => id).join(', ') || 'no stage';
  const ended = stages.filter(hasEnded);
  const toCome = stages.filter(({ status }) => status === 'pending');
  const after = toCome.length === 0 ? 'nothing was to follow' : `${names(toCome)} had yet to run`;
  return `${names(ended)} had ended, ${after}, and its numbers are those up to then`;
}
