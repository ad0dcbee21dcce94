import type { StageRecord } from '../core/experiment.ts';
import { formatDuration } from '../core/format.ts';
import { cell, type Cell, type ComparedExperiment, type Row } from './table.ts';

/** A row per stage of any experiment: its duration in milliseconds. */
export function timingRows(experiments: readonly ComparedExperiment[]): Row[] {
  const ids = new Set(experiments.flatMap(({ record }) => record.stages.map(({ id }) => id)));
  return [...ids].map(name => ({
    name,
    unit: null,
    direction: 'none',
    cells: experiments.map(({ record }) => timing(record.stages.find(({ id }) => id === name))),
  }));
}

function timing(stage: StageRecord | undefined): Cell {
  if (stage === undefined || stage.status === 'pending') return cell(undefined, '');
  const { ms, status } = stage;
  if (ms === null) return { value: undefined, text: status, best: false };
  return cell(ms, status === 'ran' ? formatDuration(ms) : `${formatDuration(ms)} (${status})`);
}
