import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ExperimentRecord } from './experiment.ts';

/** Code, machine and environment of an experiment. */
export interface Origin extends Pick<ExperimentRecord, 'git' | 'environment'> {
  readonly source?: ExperimentRecord['source'];
}

type Resume = NonNullable<ExperimentRecord['resumes']>[number];

/** Origin of one resume. */
export type ResumeOrigin = Pick<Resume, 'git' | 'source' | 'environment'>;

/** The origin at the last start or resume. TensorFlow is the one that was loaded last. */
export function latestOrigin({ git, source, environment, resumes = [] }: ExperimentRecord): Origin {
  const latest = resumes.reduce<Origin>((known, resume) => ({ ...known, ...originIn(resume) }), {
    git,
    environment,
    ...(source && { source }),
  });
  return { ...latest, environment: { ...latest.environment, tensorflow: environment.tensorflow } };
}

const originIn = ({ git, source, environment }: Resume): Partial<Origin> => ({
  ...(git !== undefined && { git }),
  ...(source && { source }),
  ...(environment && { environment }),
});

/** The parts of an origin that differ from the previous one. A part that was not read this time does not count. */
export function changedOrigin(before: Origin, now: Origin): ResumeOrigin {
  // Commits of different working trees are not comparable.
  const isSameTree = before.source?.root === now.source?.root;
  return {
    ...(isSameTree && !isDeepStrictEqual(codeOf(before.git), codeOf(now.git)) && { git: now.git }),
    ...(now.source !== undefined && isOther(before.source, now.source) && { source: now.source }),
    ...(!isDeepStrictEqual(machineOf(before), machineOf(now)) && { environment: now.environment }),
  };
}

const codeOf = (git: Origin['git']) => git && [git.commit, git.patch?.sha256, git.patchLeftOut];

const machineOf = ({ environment }: Origin) => ({ ...environment, tensorflow: null });

function isOther(before: Origin['source'], now: NonNullable<Origin['source']>): boolean {
  const known = new Map(before?.files.map(({ path, sha256 }) => [resolve(before.root, path), sha256]));
  if (now.files.some(({ path, sha256 }) => known.get(resolve(now.root, path)) !== sha256)) return true;
  return before?.root === now.root && before.lockfile?.sha256 !== now.lockfile?.sha256;
}
