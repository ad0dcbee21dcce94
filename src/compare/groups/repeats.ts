import { groupedBy } from '../../core/grouped-by.ts';
import { listedShortly } from '../listed.ts';
import type { ComparedExperiment } from '../table.ts';
import type { Group } from './group.ts';

/** Groups whose runs each count once, and what is to be said of them. */
export interface Repeats {
  readonly groups: readonly Group[];
  readonly notes: readonly string[];
}

/**
 * Checks that a group's experiments are repeats, which differ in nothing but the seed: of several with one seed and the same
 * parameters the newest counts, as a repetition of the same numbers would make the noise look smaller than it is.
 */
export function repeatsIn(all: readonly Group[]): Repeats {
  const checked = all.map(group => {
    const same = groupedBy(group.experiments, identity);
    const experiments = [...same.values()].map(newest);
    const doubled = [...same.values()].filter(({ length }) => length > 1);
    return { group: { ...group, experiments }, doubled };
  });
  return {
    groups: checked.map(({ group }) => group),
    notes: [
      ...checked.flatMap(({ doubled }) => doubled.map(doubledNote)),
      ...checked.flatMap(({ group }) => mixedNote(group)),
    ],
  };
}

/** A parameter that is a seed, as of a split, is what a repeat may change. */
export const isSeed = (name: string): boolean => name === 'seed' || name.endsWith('.seed');

const identity = ({ record }: ComparedExperiment): string => {
  const parameters = Object.entries(record.parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([record.seed, record.pipeline.name, parameters]);
};

const newest = (experiments: readonly ComparedExperiment[]): ComparedExperiment =>
  experiments.reduce((latest, each) => (each.record.createdAt >= latest.record.createdAt ? each : latest));

function doubledNote(experiments: readonly ComparedExperiment[]): string {
  const counted = newest(experiments).record.id;
  const others = experiments.map(({ record }) => record.id).filter(id => id !== counted);
  return `${listedShortly(others)} ${others.length === 1 ? 'has' : 'have'} the seed and the parameters of ${counted}: counted once.`;
}

function mixedNote({ label, experiments }: Group): string[] {
  const names = mixedNames(experiments);
  if (names.length === 0) return [];
  return [
    `${label} mixes experiments that differ in ${listedShortly(names)}: they are no repeats of each other.`,
  ];
}

/** What else than the seed differs among experiments: parameters, and the pipeline. */
export function mixedNames(experiments: readonly ComparedExperiment[]): readonly string[] {
  const records = experiments.map(({ record }) => record);
  const names = new Set(records.flatMap(({ parameters }) => Object.keys(parameters)));
  const differs = (values: readonly unknown[]) =>
    new Set(values.map(value => JSON.stringify(value))).size > 1;
  return [
    ...(differs(records.map(({ pipeline }) => pipeline.name)) ? ['pipeline'] : []),
    ...[...names].filter(name => !isSeed(name) && differs(records.map(({ parameters }) => parameters[name]))),
  ];
}
