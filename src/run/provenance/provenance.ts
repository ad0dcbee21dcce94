import type { Env } from '../../core/env.ts';
import type { ValidPipeline } from '../../config/pipeline.ts';
import type { ExperimentRecord } from '../../core/experiment.ts';
import { sha256 } from '../../core/sha256.ts';
import { collectEnvironment } from '../../host/environment.ts';
import { askGit, collectDiff, topFolder, type Refusal } from '../../host/git.ts';
import type { NewExperiment } from '../../registry/index.ts';
import { collectSources } from './sources.ts';

type GitRecord = NonNullable<ExperimentRecord['git']>;

/** Path of the changes to tracked files within the experiment. */
const PATCH = 'source/changes.patch';

/** Provenance of a new experiment for its record, and the files to keep. */
export type Provenance = Pick<
  NewExperiment,
  'git' | 'gitRefused' | 'environment' | 'source' | 'sourceFiles'
> & {
  /** The command that makes git cooperate. */
  readonly gitHint?: string | undefined;
};

/** The current code, machine and environment. */
export async function collectProvenance(
  { sources, fromEnvironment }: Pick<ValidPipeline, 'sources' | 'fromEnvironment'>,
  { cwd, env }: { readonly cwd: string; readonly env: Env },
): Promise<Provenance> {
  const [environment, { git, patch, top, refusal }] = await Promise.all([
    collectEnvironment(env, fromEnvironment),
    workingTree(cwd),
  ]);
  // Files in the commit or the patch are not copied.
  const isInGit = git !== null && git.patchLeftOut === undefined;
  const { source, copies } = await collectSources(sources, { cwd, top, isInGit });
  const patchFile = patch === undefined ? [] : [{ path: PATCH, content: patch }];
  const refused = refusal && { gitRefused: refusal.refused, gitHint: refusal.hint };
  return { git, ...refused, environment, source, sourceFiles: [...patchFile, ...copies] };
}

interface WorkingTree {
  readonly git: GitRecord | null;
  readonly patch?: Uint8Array;
  readonly top: string | undefined;
  readonly refusal?: Refusal;
}

async function workingTree(cwd: string): Promise<WorkingTree> {
  const [found, top] = await Promise.all([askGit(cwd), topFolder(cwd)]);
  if (found !== null && 'refused' in found) return { git: null, top, refusal: found };
  const git = found;
  if (git?.dirty !== true) return { git, top };
  const diff = await collectDiff(top ?? cwd);
  if ('leftOut' in diff) return { git: { ...git, patchLeftOut: diff.leftOut }, top };
  const { patch } = diff;
  return { git: { ...git, patch: { path: PATCH, bytes: patch.length, sha256: sha256(patch) } }, patch, top };
}
