import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../core/nearest.ts';
import type { AnyStage } from '../core/stage.ts';
import { builtInStageNames, loadBuiltInStage } from './catalog.ts';
import { pathFrom, type Loading } from './loading.ts';
import type { ScalarNode } from './node.ts';
import { oneOf, problemAt } from './problems.ts';
import { isStagePath, stageNameOf } from './stage-reference.ts';
import { loadUserStage } from './user-stage.ts';

export interface LoadedStage {
  readonly stage: AnyStage;
  /** The stage's name or absolute path, valid in any folder. */
  readonly reference: string;
  /** The user's source files; none for a built-in stage. */
  readonly files: readonly string[];
}

/** Loads the stage that a `use:` names; returns undefined, with the problems reported, when it cannot be loaded. */
export async function loadStage(
  use: string,
  node: ScalarNode,
  cwd: string,
  loading: Loading,
): Promise<LoadedStage | undefined> {
  if (isStagePath(use)) return loadFromFile(use, node, cwd, loading);
  const names = builtInStageNames();
  if (names.includes(use)) return { stage: await loadBuiltInStage(use), reference: use, files: [] };
  loading.report(
    problemAt(node.span, 'unknown-stage', `unknown stage "${use}"`, {
      expected: `${oneOf(names)}, or the path of a stage file such as ./my-stages/${use}.ts`,
      suggestion: ownFile(use, node.span.source.dir) ?? nearest(use, names),
    }),
  );
  return undefined;
}

/** The stage file beside the pipeline that a name without path and extension means, if any. */
function ownFile(use: string, dir: string): string | undefined {
  const file = ['ts', 'mts', 'js', 'mjs'].map(extension => `./${use}.${extension}`);
  return file.find(name => existsSync(join(dir, name)));
}

async function loadFromFile(
  use: string,
  node: ScalarNode,
  cwd: string,
  loading: Loading,
): Promise<LoadedStage | undefined> {
  const { path, name } = pathFrom(node.span.source, use);
  const loaded = await loadUserStage(path, name, cwd, files => loading.beforeUserCode(files));
  for (const file of loaded.files) loading.sources.add(file);
  if ('stage' in loaded) return { ...loaded, reference: path };
  for (const problem of loaded.problems) {
    const { code, message, location, ...details } = problem;
    const hint = code === 'missing-file' && details.suggestion === undefined ? builtInHint(use) : {};
    loading.report(location ? problem : problemAt(node.span, code, message, { ...details, ...hint }));
  }
  return undefined;
}

function builtInHint(use: string): { readonly hint?: string } {
  const name = stageNameOf(use);
  return builtInStageNames().includes(name) ? { hint: `the built-in stage is written use: ${name}` } : {};
}
