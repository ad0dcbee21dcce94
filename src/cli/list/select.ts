import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { printable } from '../../core/printable.ts';
import { metricFinder } from './metric.ts';
import { durationOf, isReadable, numberOf, statusOf, type Entry, type ListedStatus } from './entry.ts';

export interface Selection {
  readonly status?: ListedStatus;
  readonly pipeline?: string;
  /** `id`, `created`, `duration`, or a metric's name. By default `id`. */
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/**
 * Filtered, sorted and limited entries. By default newest first; by duration longest first; by a metric's best value best first, or
 * by its last value smallest first where it has no direction. Values of two protocols are not comparable: those of one come together, the protocol
 * of the newest experiment first. Entries without the value come last, also when reversed.
 * @throws Failure when no experiment has the metric.
 */
export function selectEntries(entries: readonly Entry[], selection: Selection): Entry[] {
  const { status, pipeline, sort = 'id', reverse = false, limit } = selection;
  const kept = entries.filter(
    entry =>
      (status === undefined || statusOf(entry) === status) &&
      (pipeline === undefined || (isReadable(entry) && entry.pipeline === pipeline)),
  );
  const key = sortKey(kept, sort);
  const newestFirst = kept.toReversed();
  const protocols = protocolsOf(newestFirst, sort);
  const protocolOf = protocolReader(sort);
  const keyed = newestFirst.map(entry => ({
    entry,
    key: key(entry),
    group: protocols.indexOf(protocolOf(entry)),
  }));
  const sign = reverse ? -1 : 1;
  const sorted = [
    ...keyed.filter(hasKey).sort((a, b) => a.group - b.group || sign * (a.key - b.key)),
    ...keyed.filter(each => !hasKey(each)),
  ];
  return sorted.slice(0, limit).map(({ entry }) => entry);
}

/** The different protocols of a metric, null for none; those of the first entries first. */
export const protocolsOf = (
  entries: readonly Entry[],
  metric: string,
): readonly (string | null | undefined)[] => [
  ...new Set(entries.map(protocolReader(metric)).filter(each => each !== undefined)),
];

/** Undefined for an experiment without the metric. */
const protocolReader = (metric: string) => {
  const find = metricFinder(metric);
  return (entry: Entry): string | null | undefined => {
    const found = isReadable(entry) ? find(entry.metrics) : undefined;
    return found && (found.protocol ?? null);
  };
};

interface Keyed {
  readonly entry: Entry;
  readonly group: number;
  readonly key: number | undefined;
}

const hasKey = (keyed: Keyed): keyed is Keyed & { readonly key: number } =>
  keyed.key !== undefined && !Number.isNaN(keyed.key);

/** The sort key: smallest first is the order shown. */
function sortKey(entries: readonly Entry[], sort: string): (entry: Entry) => number | undefined {
  switch (sort) {
    case 'id':
      return entry => -numberOf(entry);
    case 'created':
      return entry => (isReadable(entry) ? -Date.parse(entry.createdAt) : undefined);
    case 'duration':
      return entry => negated(isReadable(entry) ? durationOf(entry) : undefined);
    default:
      return metricKey(entries, sort);
  }
}

const negated = (value: number | undefined) => (value === undefined ? undefined : -value);

function metricKey(entries: readonly Entry[], metric: string): (entry: Entry) => number | undefined {
  const find = metricFinder(metric);
  const direction = entries
    .map(entry => (isReadable(entry) ? find(entry.metrics)?.direction : undefined))
    .findLast(each => each !== undefined);
  if (direction === undefined && entries.length > 0) throw unknownMetric(entries, metric);
  return entry => {
    const found = isReadable(entry) ? find(entry.metrics) : undefined;
    const value = found?.best?.value ?? found?.last;
    return direction === 'max' ? negated(value) : value;
  };
}

function unknownMetric(entries: readonly Entry[], metric: string): Failure {
  const names = new Set(entries.filter(isReadable).flatMap(({ metrics }) => metrics.names));
  const known = ['id', 'created', 'duration', ...names];
  const meant = didYouMean(metric, known);
  return new Failure({
    code: 'unknown-metric',
    exitCode: 2,
    message: `--sort ${printable(metric)}: none of these experiments has a metric of that name${meant === undefined ? '' : `; ${printable(meant)}`}`,
    details: [`They can be sorted by ${known.map(printable).join(', ')}.`],
  });
}
