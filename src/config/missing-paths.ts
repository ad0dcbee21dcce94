import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem } from '../core/failure.ts';
import { branchesOf, type Schema } from '../core/json-schema.ts';
import { pathTexts } from './map-texts.ts';
import type { PipelineStage } from './pipeline.ts';
import { nearest } from '../core/nearest.ts';

/**
 * Problems for files and folders that a stage's parameters name, by `path: true`, and that do not exist.
 * @param folders Folders in which relative paths are looked up.
 */
export function missingPaths(
  {
    id,
    stage,
    params,
    secrets,
    locate,
  }: Pick<PipelineStage, 'id' | 'stage' | 'params' | 'secrets' | 'locate'>,
  folders: readonly string[],
): readonly Problem[] {
  return pathTexts(params, stage.params as Schema).flatMap(({ path, text, schema }) => {
    const words = keywords(schema);
    const candidates = [...new Set(folders.map(folder => resolve(folder, text)))];
    if (words.includes(text) || candidates.some(isThere)) return [];
    const secret = secrets?.find(each => each.path.join('.') === path.join('.'));
    const suggestion = secret ? undefined : nearest(text, words);
    const places = secret ? '' : `: looked for ${candidates.join(' and ')}`;
    return {
      code: 'path-not-found',
      message: `there is no ${secret?.reference ?? text}, which parameter "${path.join('.')}" of stage "${id}" names`,
      location: locate(path),
      expected: `${words.length === 0 ? '' : `${words.join(', ')} or `}the path of a file or folder${places}`,
      ...(suggestion !== undefined && { suggestion }),
    };
  });
}

/** True for an existing path, and for one that cannot be checked: its reader reports why. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** Keywords accepted beside paths, such as `synthetic`; a default without a slash is one too. */
function keywords(schema: Schema): readonly string[] {
  const words = branchesOf(schema).flatMap(branch => [branch.const, ...(branch.enum ?? [])]);
  const byDefault =
    typeof schema.default === 'string' && !/[\\/]/.test(schema.default) ? [schema.default] : [];
  return [...new Set([...words.filter(word => typeof word === 'string'), ...byDefault])];
}
