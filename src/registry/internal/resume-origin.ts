/**
 * Code and environment of a resumed experiment where they differ from before, kept beside the record of its start. Files are in
 * `source/resume-<n>/`, staged and renamed into place.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentRecord } from '../../core/experiment.ts';
import { changedOrigin, latestOrigin, type ResumeOrigin } from '../../core/origin.ts';
import { writeSources } from './claim.ts';
import { makeFolders } from '../../storage/make-folders.ts';
import type { Attempt } from './attempt.ts';
import { move } from '../../storage/move.ts';
import type { Reopening } from '../writing.ts';

/** Keeps the files of the next resume; returns its entry in the record. */
export function keepOrigin(
  attempt: Attempt,
  before: ExperimentRecord,
  now: Reopening['origin'],
): ResumeOrigin {
  if (now === undefined) return {};
  const { git, source, environment } = changedOrigin(latestOrigin(before), now);
  const name = `resume-${(before.resumes?.length ?? 0) + 1}`;
  const inPlace = (path: string) => path.replace(/^source\//, `source/${name}/`);
  const wanted = new Set([git?.patch?.path, ...(source?.files ?? []).map(({ copy }) => copy)]);
  const files = (now.sourceFiles ?? []).filter(({ path }) => wanted.has(path));
  if (files.length > 0) place(attempt, name, files);
  return {
    ...(git !== undefined && { git: git && withPatch(git, inPlace) }),
    ...(source && { source: withCopies(source, inPlace) }),
    ...(environment && { environment }),
  };
}

function place(attempt: Attempt, name: string, files: Files): void {
  const unfinished = attempt.newPath();
  mkdirSync(unfinished);
  writeSources(unfinished, files);
  const target = join(attempt.dir, 'source', name);
  // Left by a killed resume that is not in the record.
  attempt.remove(target);
  makeFolders(join(attempt.dir, 'source'));
  move(join(unfinished, 'source'), target);
}

type Files = NonNullable<NonNullable<Reopening['origin']>['sourceFiles']>;
type Git = NonNullable<ResumeOrigin['git']>;
type Source = NonNullable<ResumeOrigin['source']>;
type Move = (path: string) => string;

const withPatch = (git: Git, move: Move): Git =>
  git.patch === undefined ? git : { ...git, patch: { ...git.patch, path: move(git.patch.path) } };

const withCopies = (source: Source, move: Move): Source => ({
  ...source,
  files: source.files.map(file => (file.copy === undefined ? file : { ...file, copy: move(file.copy) })),
});
