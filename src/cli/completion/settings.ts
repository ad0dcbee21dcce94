import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { builtInStageNames, loadBuiltInStage } from '../../config/catalog.ts';
import { branchesOf, type Schema } from '../../core/json-schema.ts';
import { defaultId, isStagePath } from '../../config/stage-reference.ts';
import { loadUserStage } from '../../config/user-stage.ts';
import type { AnyStage } from '../../core/stage.ts';
import { endWithin } from './deadline.ts';

/** Longest chain of pipelines that extend each other to follow. */
const DEEPEST = 8;
const LARGEST = 1_000_000;

/** Milliseconds that the file of a user's stage may take to load. */
const LOADING = 5000;

/**
 * The stages of a pipeline file and those it extends, by id: the name of a built-in stage or the absolute path of a user's. Empty
 * for unreadable files.
 */
export function stagesOf(path: string, depth = 0): ReadonlyMap<string, string> {
  const status = statSync(path, { throwIfNoEntry: false });
  if (depth > DEEPEST || status?.isFile() !== true || status.size > LARGEST) return new Map();
  const root = asRecord(parse(readFileSync(path, 'utf8'), { logLevel: 'silent' }) as unknown);
  const { extends: base, stages: entries } = root;
  const stages = new Map(typeof base === 'string' ? stagesOf(resolve(dirname(path), base), depth + 1) : []);
  for (const entry of Array.isArray(entries) ? entries.map(asRecord) : []) {
    const use = typeof entry['use'] === 'string' ? entry['use'] : undefined;
    const id = typeof entry['id'] === 'string' ? entry['id'] : use && defaultId(use);
    const used = use !== undefined && isStagePath(use) ? resolve(dirname(path), use) : use;
    if (id !== undefined) stages.set(id, used ?? stages.get(id) ?? id);
  }
  return stages;
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** Completions of `--set`: `train.epochs=`, then the values of a parameter with few. */
export async function settings(path: string | undefined, current: string): Promise<readonly string[]> {
  const stages = path === undefined ? new Map<string, string>() : stagesOf(path);
  const [id = ''] = current.split('.');
  const use = stages.get(id);
  if (use === undefined || !current.includes('.'))
    return [...[...stages.keys()].map(name => `${name}.`), 'seed=', 'name=', 'vars.'];
  const stage = await stageOf(use);
  if (stage === undefined) return [];
  const [name = '', value] = current.split('=', 2) as readonly (string | undefined)[];
  const known = parameters(stage.params as Schema, id);
  if (value === undefined) return [...known.keys()].map(each => `${each}=`);
  return valuesOf(known.get(name)).map(each => `${name}=${each}`);
}

async function stageOf(use: string): Promise<AnyStage | undefined> {
  if (builtInStageNames().includes(use)) return loadBuiltInStage(use);
  if (!isAbsolute(use)) return undefined;
  const hasLoaded = endWithin(LOADING);
  const loaded = await loadUserStage(use, use, dirname(use));
  hasLoaded();
  return 'stage' in loaded ? loaded.stage : undefined;
}

function parameters(schema: Schema, prefix: string): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  for (const { properties = {} } of branchesOf(schema))
    for (const [name, inner] of Object.entries(properties)) {
      const path = `${prefix}.${name}`;
      const nested = parameters(inner, path);
      if (nested.size === 0) found.set(path, inner);
      for (const [deeper, each] of nested) found.set(deeper, each);
    }
  return found;
}

function valuesOf(schema: Schema | undefined): readonly string[] {
  if (schema === undefined) return [];
  return branchesOf(schema).flatMap(branch => {
    const {
      const: fixed,
      enum: several,
      type,
    } = branch as { const?: unknown; enum?: unknown[]; type?: unknown };
    if (type === 'boolean') return ['true', 'false'];
    return (several ?? (fixed === undefined ? [] : [fixed])).map(String);
  });
}
