import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { printable } from '../../core/printable.ts';
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
 * Filtered, sorted and limited entries. By default newest first; by duration longest first; by a metric's last value best first,
 * or smallest first where it has no direction. Values of two protocols are not comparable: those of one come together, the protocol
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
  const keyed = newestFirst.map(entry => ({
    entry,
    key: key(entry),
    group: protocols.indexOf(protocolOf(entry, sort)),
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
  ...new Set(entries.map(entry => protocolOf(entry, metric)).filter(each => each !== undefined)),
];

/** Undefined for an experiment without the metric. */
const protocolOf = (entry: Entry, metric: string): string | null | undefined =>
  isReadable(entry) ? entry.metrics.protocols[entry.metrics.names.indexOf(metric)] : undefined;

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
  const metrics = entries.flatMap(entry => (isReadable(entry) ? [entry.metrics] : []));
  const direction = metrics
    .map(({ names, directions }) => directions[names.indexOf(metric)])
    .findLast(each => each !== undefined);
  if (direction === undefined && entries.length > 0) throw unknownMetric(entries, metric);
  return entry => {
    const last = isReadable(entry) ? entry.metrics.values[entry.metrics.names.indexOf(metric)] : undefined;
    return direction === 'max' ? negated(last) : last;
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
