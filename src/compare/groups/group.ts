import type { ExperimentRecord } from '../../core/experiment.ts';
import { cut } from '../../core/format.ts';
import { groupedBy } from '../../core/grouped-by.ts';
import { jsonText } from '../../core/json-text.ts';
import { parameterText } from '../parameters.ts';
import type { ComparedExperiment } from '../table.ts';

/** Experiments that have the same values of the keys. */
export interface Group {
  /** Unique: `cgan`, `learningRate 0.0002`. */
  readonly label: string;
  /** The value of each key; undefined where its experiments have none. */
  readonly by: Readonly<Record<string, unknown>>;
  /** In their order, at least one. */
  readonly experiments: readonly ComparedExperiment[];
}

type Reader = (record: ExperimentRecord) => unknown;

/** What experiments can be grouped by beside their parameters. */
const FACTS: Readonly<Record<string, Reader>> = {
  pipeline: ({ pipeline }) => pipeline.name,
  sweep: ({ sweep }) => sweep?.id,
  point: ({ sweep }) => (sweep === undefined ? undefined : `${sweep.id}/${sweep.point}`),
};

/** Names by which these experiments can be grouped. */
export const groupKeys = (experiments: readonly ComparedExperiment[]): readonly string[] => [
  ...new Set([
    ...Object.keys(FACTS),
    ...experiments.flatMap(({ record }) => Object.keys(record.parameters).flatMap(withOuterNames)),
  ]),
];

/** `train`, `train.sample` and `train.sample.every`: a whole structure can be a key. */
const withOuterNames = (name: string): string[] => [
  ...Array.from(name.matchAll(/\./g), ({ index }) => name.slice(0, index)),
  name,
];

/** Groups in the order of their first experiments. @param keys Of `groupKeys`. */
export function groupExperiments(
  experiments: readonly ComparedExperiment[],
  keys: readonly string[],
): readonly Group[] {
  const valuesOf = ({ record }: ComparedExperiment) => keys.map(key => valueOf(record, key));
  const groups = [...groupedBy(experiments, each => jsonText(valuesOf(each).map(known))).values()];
  const used = new Map<string, number>();
  return groups.map(members => {
    const [first] = members as readonly [ComparedExperiment];
    const values = valuesOf(first);
    const label = keys.map((key, index) => labelOf(key, values[index])).join(', ');
    const count = (used.get(label) ?? 0) + 1;
    used.set(label, count);
    return {
      label: count === 1 ? label : `${label} (${count})`,
      by: Object.fromEntries(keys.map((key, index) => [key, values[index]])),
      experiments: members,
    };
  });
}

/** JSON leaves undefined out of lists: null is another value. */
const known = (value: unknown) => (value === undefined ? [] : [value]);

function valueOf(record: ExperimentRecord, key: string): unknown {
  if (Object.hasOwn(FACTS, key)) return FACTS[key]?.(record);
  const { parameters } = record;
  if (Object.hasOwn(parameters, key)) return parameters[key];
  const leaves = Object.entries(parameters)
    .filter(([name]) => name.startsWith(`${key}.`))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return leaves.length === 0 ? undefined : Object.fromEntries(leaves);
}

const LONGEST_VALUE = 30;

/** `cgan`; of a parameter `learningRate 0.0002`. */
function labelOf(key: string, value: unknown): string {
  const name = key.slice(key.lastIndexOf('.') + 1);
  if (value === undefined) return `no ${name}`;
  const short = cut(parameterText(value), LONGEST_VALUE);
  return Object.hasOwn(FACTS, key) ? short : `${name} ${short}`;
}
