import { isAbsolute, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { PipelineStage } from '../../config/pipeline.ts';
import { recordedParams } from '../../config/secret-params.ts';
import type { ExperimentRecord } from '../../core/experiment.ts';
import type { AnyStage } from '../../core/stage.ts';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Entries of a record or of a list of records (layers), by name or position; undefined for plain values and lists of them. */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (isRecord(value)) return Object.entries(value);
  if (Array.isArray(value) && value.some(isRecord))
    return value.map((item: unknown, index) => [String(index), item] as const);
  return undefined;
}

function flatten(name: string, value: unknown, into: Record<string, unknown>): void {
  const entries = entriesOf(value);
  if (entries === undefined || entries.length === 0) into[name] = value;
  else for (const [key, inner] of entries) flatten(`${name}.${key}`, inner, into);
}

/**
 * Every parameter of every stage by dotted name: `train.learningRate`, `build-model.generator.layers.0.units`. The value of a
 * secret environment variable is its reference.
 */
export function flattenParameters(
  stages: readonly Pick<PipelineStage, 'id' | 'params' | 'secrets'>[],
): Readonly<Record<string, unknown>> {
  const flat: Record<string, unknown> = {};
  for (const stage of stages)
    for (const [key, value] of Object.entries(recordedParams(stage)))
      flatten(`${stage.id}.${key}`, value, flat);
  return flat;
}

/** A parameter that differs from an experiment's. */
export interface ParameterDifference {
  /** `train.sample.every` */
  readonly name: string;
  readonly then: unknown;
  readonly now: unknown;
}

/** The values by name that differ; undefined for one that is missing. */
export const differencesIn = (
  then: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): readonly ParameterDifference[] =>
  [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter(name => !isDeepStrictEqual(now[name], then[name]))
    .map(name => ({ name, then: then[name], now: now[name] }));

/**
 * The parameters of a stage that differ from a record's. Those without effect now do not count, nor do parameters newer than the record
 * at their defaults, with which the stage ran before.
 */
export function parameterDifferences(
  planned: Pick<PipelineStage, 'id' | 'params' | 'secrets' | 'ignored'> & {
    readonly stage: Pick<AnyStage, 'params'>;
  },
  { parameters: then }: Pick<ExperimentRecord, 'parameters'>,
): readonly ParameterDifference[] {
  const { id, ignored = [], stage } = planned;
  // As a record holds them: what JSON drops does not differ.
  const now = JSON.parse(JSON.stringify(flattenParameters([planned]))) as Record<string, unknown>;
  const recorded = Object.entries(then).filter(([name]) => name.startsWith(`${id}.`));
  const defaults: Record<string, unknown> = {};
  flatten(id, defaultOf(stage.params as SchemaWithDefault), defaults);
  return differencesIn(Object.fromEntries(recorded), now).filter(
    ({ name, then: before, now: value }) =>
      !ignored.some(path => isWithin(name, `${id}.${path}`)) &&
      !(before === undefined && isDeepStrictEqual(value, defaults[name])),
  );
}

/** The default of a parameter by its schema; of an object, with the defaults of its fields. */
function defaultOf({ default: value, properties }: SchemaWithDefault): unknown {
  if (properties === undefined || Array.isArray(value)) return value;
  const fields = Object.entries(properties).map(([name, schema]) => [name, defaultOf(schema)] as const);
  return { ...Object.fromEntries(fields.filter(([, field]) => field !== undefined)), ...(value as object) };
}

interface SchemaWithDefault {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaWithDefault>>;
}

const isWithin = (name: string, path: string): boolean => name === path || name.startsWith(`${path}.`);

/** The `use` of a stage for display: a user's file as a path from the working folder. */
export function shownUse({ use }: Pick<PipelineStage, 'use'>, cwd: string): string {
  if (!isAbsolute(use)) return use;
  const path = relative(cwd, use);
  return path.startsWith('..') ? path : `./${path}`;
}
