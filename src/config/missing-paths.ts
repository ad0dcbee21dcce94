import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem } from '../core/failure.ts';
import { branchesOf, type Schema } from './json-schema.ts';
import { pathTexts } from './map-texts.ts';
import type { PipelineStage } from './pipeline.ts';
import { nearest } from '../core/nearest.ts';

/**
 * The files and folders that a stage's parameters name, by `path: true`, and that are not there.
 * @param folders In which relative paths are looked for.
 */
export function missingPaths(
  { id, stage, params, locate }: Pick<PipelineStage, 'id' | 'stage' | 'params' | 'locate'>,
  folders: readonly string[],
): readonly Problem[] {
  return pathTexts(params, stage.params as Schema).flatMap(({ path, text, schema }) => {
    const words = keywords(schema);
    const candidates = [...new Set(folders.map(folder => resolve(folder, text)))];
    if (words.includes(text) || candidates.some(each => existsSync(each))) return [];
    const suggestion = nearest(text, words);
    return {
      code: 'path-not-found',
      message: `there is no ${text}, which parameter "${path.join('.')}" of stage "${id}" names`,
      location: locate(path),
      expected: `${[...words, 'the path of a file or folder'].join(', or ')}: looked for ${candidates.join(' and ')}`,
      ...(suggestion !== undefined && { suggestion }),
    };
  });
}

/** Words that stand beside paths, such as `synthetic`; a bare default is one too. */
function keywords(schema: Schema): readonly string[] {
  const words = branchesOf(schema).flatMap(branch => [branch.const, ...(branch.enum ?? [])]);
  const byDefault =
    typeof schema.default === 'string' && !/[\\/]/.test(schema.default) ? [schema.default] : [];
  return [...words.filter(word => typeof word === 'string'), ...byDefault];
}
