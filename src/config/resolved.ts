import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { stringify } from 'yaml';
import { branchesOf, isList, type Schema } from './json-schema.ts';
import type { ValidPipeline } from './pipeline.ts';
import type { ReadStage } from './stage-entry.ts';
import { escapeReferences } from './variables.ts';

/** Folders in which relative paths are looked for, the first that has one wins. */
type Folders = readonly string[];

/**
 * The pipeline as one YAML file without variables, with every parameter. It can be run from any folder:
 * paths that exist are made absolute.
 */
export function resolvedText(
  { name, seed, stages }: Pick<ValidPipeline, 'name' | 'seed'> & { readonly stages: readonly ReadStage[] },
  cwd: string,
  dir: string,
): string {
  const document = { name, seed, stages: stages.map(stage => resolveStage(stage, [cwd, dir])) };
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

function resolveStage({ reference, id, params, inputs, stage }: ReadStage, folders: Folders) {
  return {
    use: reference,
    id,
    ...(Object.keys(inputs).length > 0 && { inputs }),
    params: resolveValue(params, stage.params as Schema, folders),
  };
}

function resolveValue(value: unknown, schema: Schema | undefined, folders: Folders): unknown {
  if (typeof value === 'string')
    return escapeReferences(isPath(schema, value) ? absolute(value, folders) : value);
  if (Array.isArray(value)) return value.map(item => resolveValue(item, itemsOf(schema), folders));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      resolveValue(inner, propertyOf(schema, name), folders),
    ]),
  );
}

/** A word such as `synthetic` may be a keyword of the stage's: only what looks like a path is taken for one. */
const isPath = (schema: Schema | undefined, value: string): boolean =>
  /[\\/]/.test(value) && schema !== undefined && branchesOf(schema).some(({ path }) => path === true);

function absolute(path: string, folders: Folders): string {
  if (isAbsolute(path)) return path;
  return folders.map(folder => resolve(folder, path)).find(candidate => existsSync(candidate)) ?? path;
}

function propertyOf(schema: Schema | undefined, name: string): Schema | undefined {
  return schema && branchesOf(schema).find(({ properties }) => properties?.[name])?.properties?.[name];
}

function itemsOf(schema: Schema | undefined): Schema | undefined {
  const items = schema && branchesOf(schema).find(branch => branch.items)?.items;
  return items === undefined || isList(items) ? undefined : items;
}
