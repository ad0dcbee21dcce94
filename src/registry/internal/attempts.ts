/**
 * `.resumes/<n>` of an experiment: one folder for each process that wrote it, 0 for the one that claimed it. `process.json`
 * in it says which process that is.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { parseJson } from '../../core/parse-json.ts';
import { printable } from '../../core/printable.ts';
import { liveness, parseIdentity, type ProcessIdentity } from '../../host/process-identity.ts';
import { namesIn } from '../../storage/names-in.ts';
import { readRegularFile } from '../../storage/read-file.ts';

/** Bytes: more says nothing of a process. */
const LARGEST_OWNER = 10_000;

export const OWNER = 'process.json';
/** Made when the process has let go of the experiment. */
export const ENDED = 'ended';

export const attemptsDir = (dir: string): string => join(dir, '.resumes');
export const attemptDir = (dir: string, number: number): string => join(attemptsDir(dir), String(number));

export const attemptNumbers = (dir: string): readonly number[] =>
  namesIn(attemptsDir(dir)).map(Number).filter(Number.isInteger);

/** 0 also where no resume is there. */
export const newestAttempt = (dir: string): number =>
  attemptNumbers(dir).reduce((newest, number) => Math.max(newest, number), 0);

/** The process that is resuming the experiment in a folder; undefined when none is, or when the folder goes at this moment. */
export function resumerOf(dir: string): ProcessIdentity | undefined {
  const newest = newestAttempt(dir);
  const owner = newest === 0 ? undefined : ownerOf(attemptDir(dir, newest));
  return owner === 'replaced' ? resumerOf(dir) : owner;
}

/** The process that has the experiment by this folder; undefined when it has let go or is gone. */
export function ownerOf(folder: string): ProcessIdentity | undefined | 'replaced' {
  if (existsSync(join(folder, ENDED))) return undefined;
  const owner = processOf(folder);
  if (owner === undefined) return existsSync(folder) ? undefined : 'replaced';
  return liveness(owner) === 'gone' ? undefined : owner;
}

/** Which process made the folder of an attempt, whether it is there any more or not; undefined where nothing says so. */
export function processOf(folder: string): ProcessIdentity | undefined {
  const path = join(folder, OWNER);
  const reading = readRegularFile(path, LARGEST_OWNER);
  if ('content' in reading) return parseIdentity(parseJson(reading.content.toString()));
  if (['missing', 'not-a-file', 'too-large'].includes(reading.problem)) return undefined;
  throw new Failure({ code: 'storage', message: `cannot read ${printable(path)} (${reading.problem})` });
}
