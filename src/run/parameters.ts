import { isAbsolute, relative } from 'node:path';
import type { PipelineStage } from '../config/pipeline.ts';
import { recordedParams } from '../config/secret-params.ts';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lists of plain values stay whole; lists of records (layers) are taken apart by position. */
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
 * Every parameter of every stage by dotted name: `train.learningRate`, `build-model.generator.layers.0.units`. One that a
 * secret of the environment gives is its reference.
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

/** What a stage uses, for people: a user's file as a path from the working folder. */
export function shownUse({ use }: Pick<PipelineStage, 'use'>, cwd: string): string {
  if (!isAbsolute(use)) return use;
  const path = relative(cwd, use);
  return path.startsWith('..') ? path : `./${path}`;
}
