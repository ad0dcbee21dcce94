import { formatDuration, formatTime } from '../core/format.ts';
import { areEqual } from './parameters.ts';
import { cell, type Cell, type ComparedExperiment, type Row } from './table.ts';

type Reader = (experiment: ComparedExperiment) => Cell;

/** Rows that are always shown. */
const ALWAYS: Readonly<Record<string, Reader>> = {
  pipeline: ({ record }) => text(record.pipeline.name),
  status: ({ status }) => text(status),
  started: ({ record }) => cell(record.createdAt, formatTime(record.createdAt)),
  time: ({ record }) => cell(record.ms ?? undefined, formatDuration(record.ms ?? 0)),
};

/** Rows that are shown only where they differ, to explain differences. */
const IF_DIFFERENT: Readonly<Record<string, Reader>> = {
  seed: ({ record }) => cell(record.seed, String(record.seed)),
  commit: ({ record: { git } }) =>
    cell(git?.commit, `${git?.commit.slice(0, 10) ?? ''}${git?.dirty === true ? ' + changes' : ''}`),
  TensorFlow: ({ record }) => {
    const { tensorflow } = record.environment;
    return text(tensorflow === null ? undefined : `${tensorflow.version} ${tensorflow.kind}`);
  },
  node: ({ record }) => text(record.environment.node),
  CPU: ({ record: { environment } }) => text(`${environment.cpu.cores} × ${environment.cpu.model}`),
  GPU: ({ record }) => text(record.environment.gpus.join(', ') || undefined),
};

/** Rows about each experiment: pipeline, status, times, and other differences. */
export function generalRows(experiments: readonly ComparedExperiment[], all: boolean): Row[] {
  const row = ([name, read]: readonly [string, Reader]): Row => {
    return { name, unit: null, direction: 'none', cells: experiments.map(read) };
  };
  const others = Object.entries(IF_DIFFERENT).map(row);
  const isWorthIt = ({ cells }: Row) => all || !areEqual(cells.map(each => each.text));
  return [...Object.entries(ALWAYS).map(row), ...others.filter(isWorthIt)];
}

const text = (value: string | undefined): Cell => cell(value, value ?? '');
