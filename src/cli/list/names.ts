/** What listed experiments can be filtered by and shown with: facts, parameters and metrics, by name. */
import { formatTime } from '../../core/format.ts';
import { durationOf, isReadable, statusOf, type Entry } from './entry.ts';
import { fullNames, metricFinder, type ListedMetric } from './metric.ts';

/** Tags by experiment id. */
export type Tags = ReadonlyMap<string, readonly string[]>;

type Summary = Extract<Entry, { readonly seed: number }>;

/** Of experiments with a readable record. */
const FACTS = new Map<string, (entry: Summary) => unknown>([
  ['pipeline', ({ pipeline }) => pipeline],
  ['created', ({ createdAt }) => formatTime(createdAt)],
  // Seconds.
  ['duration', entry => seconds(durationOf(entry))],
  ['seed', ({ seed }) => seed],
  ['sweep', ({ sweep }) => sweep?.id],
  ['point', ({ sweep }) => sweep?.point],
  ['repeat', ({ sweep }) => sweep?.repeat],
  ['failure', ({ failure }) => failure?.message],
]);

const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);

/** Facts that every folder of an experiment has. */
const GENERAL = ['id', 'status', 'tags'];

export const FACT_NAMES: readonly string[] = [...GENERAL, ...FACTS.keys()];

/** What a name is of an experiment; undefined where it has none. */
export type Named =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'metric'; readonly metric: ListedMetric };

/** Reads a name of many experiments: a fact, else a parameter, else a metric. */
export function nameReader(name: string, tags: Tags): (entry: Entry) => Named | undefined {
  const value = (each: unknown): Named | undefined =>
    each === undefined ? undefined : { kind: 'value', value: each };
  if (name === 'id') return ({ id }) => value(id);
  if (name === 'status') return entry => value(statusOf(entry));
  if (name === 'tags') return ({ id }) => value(tags.get(id) ?? []);
  const fact = FACTS.get(name);
  if (fact !== undefined) return entry => (isReadable(entry) ? value(fact(entry)) : undefined);
  const find = metricFinder(name);
  return entry => {
    if (!isReadable(entry)) return undefined;
    const parameter = value(entry.parameters.get(name));
    if (parameter !== undefined) return parameter;
    const metric = find(entry.metrics);
    return metric && { kind: 'metric', metric };
  };
}

/** The value of a name for conditions: of a metric the best one by its direction, or the last. */
export function plainValue(named: Named | undefined): unknown {
  if (named === undefined || named.kind === 'value') return named?.value;
  const { best, last } = named.metric;
  return best?.value ?? last;
}

/** Every name that any of these experiments has. */
export function knownNames(entries: readonly Entry[]): ReadonlySet<string> {
  const readable = entries.filter(isReadable);
  const parameters = new Set(readable.map(each => each.parameters.names));
  const metrics = new Map(readable.map(each => [each.metrics.names, each.metrics]));
  return new Set([
    ...FACT_NAMES,
    ...[...parameters].flat(),
    ...[...metrics.keys()].flat(),
    ...[...metrics.values()].flatMap(fullNames),
  ]);
}
