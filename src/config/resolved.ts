import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Problem } from '../core/failure.ts';
import type { Schema } from '../core/json-schema.ts';
import { mapTexts } from './map-texts.ts';
import { parseYaml } from './parse-yaml.ts';
import type { ValidPipeline } from './pipeline.ts';
import { MAX_BYTES, megabytes } from './read-source.ts';
import { withReferences } from './secret-params.ts';
import type { ReadStage } from './stage-entry.ts';
import { escapeReferences } from './variables.ts';
import { yamlText } from './yaml-text.ts';

/** Folders in which relative paths are looked up, in order. */
type Folders = readonly string[];

/**
 * The pipeline as one YAML file with every parameter, without variables except secret environment variables. It can be run from
 * any folder: existing paths are made absolute.
 */
export function resolvedText(
  { name, seed, stages }: Pick<ValidPipeline, 'name' | 'seed'> & { readonly stages: readonly ReadStage[] },
  cwd: string,
  dir: string,
): string {
  const document = { name, seed, stages: stages.map(stage => resolveStage(stage, [cwd, dir])) };
  return yamlText(document);
}

/** Why the text of a resolved pipeline cannot be read again, if so: several files may exceed the limit of one. */
export function unreadableReason(text: string): string | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) return `${megabytes(bytes)}, of at most ${megabytes(MAX_BYTES)}`;
  const problems: Problem[] = [];
  parseYaml({ name: 'resolved.yaml', dir: '', text }, problem => problems.push(problem));
  return problems[0]?.message;
}

function resolveStage({ reference, id, params, secrets, seed, inputs, stage }: ReadStage, folders: Folders) {
  return {
    use: reference,
    id,
    ...(seed !== undefined && { seed }),
    ...(Object.keys(inputs).length > 0 && { inputs }),
    // Secrets stay references to the environment.
    params: withReferences(mapTexts(params, stage.params as Schema, resolveText(folders)), secrets),
  };
}

/** A word such as `synthetic` may be a keyword: only texts with slashes are resolved as paths. */
const resolveText =
  (folders: Folders) =>
  (text: string, isPath: boolean): string =>
    escapeReferences(isPath && /[\\/]/.test(text) ? absolute(text, folders) : text);

function absolute(path: string, folders: Folders): string {
  if (isAbsolute(path)) return path;
  return folders.map(folder => resolve(folder, path)).find(candidate => existsSync(candidate)) ?? path;
}
