import { formatDuration, formatEstimate, formatNumber, MISSING } from '../../core/format.ts';
import type { Best } from '../../core/metric-best.ts';
import { parameterRows, parameterText } from '../parameters.ts';
import { cell, type Cell, type ComparedExperiment, type Row, type Section } from '../table.ts';
import { bestRun, type GroupedMetric, type Run, type Sample } from './group-metrics.ts';
import type { Group } from './group.ts';
import { isSeed, mixedNames } from './repeats.ts';
import { verdictText } from './verdict-text.ts';
import { bestMean, clearBest, verdictOn } from './verdict.ts';

interface Options {
  readonly keys: readonly string[];
  readonly all: boolean;
}

/** The sections of a comparison of groups; empty ones are left out. */
export function groupSections(
  groups: readonly Group[],
  metrics: readonly GroupedMetric[],
  { keys, all }: Options,
): readonly Section[] {
  const [first] = groups as readonly [Group];
  const sections: readonly Section[] = [
    { title: 'Groups', rows: factRows(groups, keys) },
    {
      title: all ? 'Other parameters' : 'Other parameters that differ',
      rows: otherParameters(groups, keys, all),
    },
    {
      title: 'Metrics',
      rows: metrics.flatMap(metric => [meanRow(metric), ...(all ? bestRows(metric) : [])]),
    },
    { title: `Against ${first.label}`, asLines: true, rows: verdictRows(metrics, () => 0, 'baseline') },
    ...(groups.length < 3
      ? []
      : [{ title: 'Against the best', asLines: true, rows: verdictRows(metrics, otherBest, 'best') }]),
  ];
  return sections.filter(({ rows }) => rows.length > 0);
}

const plainRow = (name: string, cells: readonly Cell[]): Row => ({
  name,
  unit: null,
  direction: 'none',
  cells,
});

function factRows(groups: readonly Group[], keys: readonly string[]): Row[] {
  const row = (name: string, read: (group: Group) => Cell) => plainRow(name, groups.map(read));
  return [
    ...keys.map(key => row(key, ({ by }) => cell(by[key], parameterText(by[key])))),
    row('experiments', ({ experiments }) => inShort(experiments.map(({ record }) => record.id))),
    row('seeds', ({ experiments }) => inShort([...new Set(experiments.map(({ record }) => record.seed))])),
    row('time', ({ experiments }) => durationCell(experiments.flatMap(({ record }) => record.ms ?? []))),
  ];
}

const MOST_IDS = 4;

function inShort(values: readonly (string | number)[]): Cell {
  const rest = values.length - MOST_IDS;
  const text = values.slice(0, MOST_IDS).join(', ');
  return cell(values.join(', '), rest > 0 ? `${text}, … (${values.length})` : text);
}

/** Mean duration; `value` in milliseconds. */
function durationCell(times: readonly number[]): Cell {
  if (times.length === 0) return cell(undefined, '');
  const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  return cell(mean, formatDuration(mean));
}

/** Parameters that differ among groups and not within one, beside those that groups are made by. */
function otherParameters(groups: readonly Group[], keys: readonly string[], all: boolean): Row[] {
  const mixed = new Set(groups.flatMap(({ experiments }) => mixedNames(experiments)));
  const isKey = (name: string) => keys.some(key => name === key || name.startsWith(`${key}.`));
  const shared = groups.map(({ experiments }): ComparedExperiment => {
    const [{ record, status }] = experiments as readonly [ComparedExperiment];
    const parameters = Object.entries(record.parameters).filter(
      ([name]) => !mixed.has(name) && !isKey(name) && !isSeed(name),
    );
    return { record: { ...record, parameters: Object.fromEntries(parameters) }, status };
  });
  return parameterRows(shared, all);
}

function meanRow(metric: GroupedMetric): Row {
  const { name, protocol, unit, direction, samples } = metric;
  const best = clearBest(metric);
  const cells = samples.map((sample, index) => {
    const run = bestRun(sample, direction);
    return { ...meanCell(sample, index === best), ...(run !== undefined && { extreme: extremeOf(run) }) };
  });
  return { name, unit, direction, cells, ...(protocol !== undefined && { protocol }) };
}

const extremeOf = ({ value, step }: Run): Best => ({ value, ...(step !== undefined && { step }) });

function meanCell({ runs, mean }: Sample, best: boolean): Cell {
  if (runs.length === 0) return cell(undefined, '');
  const value = mean?.value ?? runs.reduce((sum, run) => sum + run.value, 0) / runs.length;
  const text = `${formatEstimate(value, mean?.interval)} (n = ${runs.length})`;
  return { value, text, best, runs: runs.length, ...(mean !== undefined && { interval: mean.interval }) };
}

/** The best run of each group, with its step; none of a metric without direction. */
function bestRows({ name, protocol, unit, direction, samples }: GroupedMetric): Row[] {
  const runs = samples.map(sample => bestRun(sample, direction));
  if (!runs.some(run => run !== undefined)) return [];
  const cells = runs.map(run => {
    if (run === undefined) return cell(undefined, '');
    const step = run.step === undefined ? '' : ` at ${run.step}`;
    return cell(run.value, `${formatNumber(run.value)}${step} (${run.id})`);
  });
  return [{ name: `${name}, best run`, unit, direction, cells, ...(protocol !== undefined && { protocol }) }];
}

/** The best group, where it is not the baseline, with which the others are compared anyway. */
const otherBest = (metric: GroupedMetric): number | undefined => bestMean(metric) || undefined;

/** A row for each metric with a direction: how each group compares with one of them. */
function verdictRows(
  metrics: readonly GroupedMetric[],
  othersIn: (metric: GroupedMetric) => number | undefined,
  title: string,
): Row[] {
  return metrics.flatMap(metric => {
    const { name, protocol, unit, direction, samples } = metric;
    const against = othersIn(metric);
    if (against === undefined || direction === 'none') return [];
    const cells = samples.map((_, group): Cell => {
      if (group === against) return { value: undefined, text: title, best: false };
      const verdict = verdictOn(metric, group, against);
      if (verdict === undefined) return { value: undefined, text: MISSING, best: false };
      const text = verdictText(verdict, metric);
      return cell(text, text);
    });
    const isTold = cells.some(({ value }) => value !== undefined);
    return isTold ? [{ name, unit, direction, cells, ...(protocol !== undefined && { protocol }) }] : [];
  });
}
