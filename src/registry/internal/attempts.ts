/**
 * `.resumes/<n>` of an experiment: one folder for each process that wrote it, 0 for the claim. `process.json` in it identifies
 * the process.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { parseJson } from '../../core/parse-json.ts';
import { printable } from '../../core/printable.ts';
import { liveness, parseIdentity, type ProcessIdentity } from '../../host/process-identity.ts';
import { namesIn } from '../../storage/names-in.ts';
import { readRegularFile } from '../../storage/read-file.ts';

/** In bytes; a larger file does not describe a process. */
const LARGEST_OWNER = 10_000;

export const OWNER = 'process.json';
/** Marker of a process that has released the experiment. */
export const ENDED = 'ended';

export const attemptsDir = (dir: string): string => join(dir, '.resumes');
export const attemptDir = (dir: string, number: number): string => join(attemptsDir(dir), String(number));

export const attemptNumbers = (dir: string): readonly number[] =>
  namesIn(attemptsDir(dir)).map(Number).filter(Number.isInteger);

/** 0 if it was never resumed. */
export const newestAttempt = (dir: string): number =>
  attemptNumbers(dir).reduce((newest, number) => Math.max(newest, number), 0);

/** The process that is resuming the experiment in a folder; undefined when there is none, or when the folder is being removed. */
export function resumerOf(dir: string): ProcessIdentity | undefined {
  const newest = newestAttempt(dir);
  const owner = newest === 0 ? undefined : ownerOf(attemptDir(dir, newest));
  return owner === 'replaced' ? resumerOf(dir) : owner;
}

/** The process that owns the experiment by this folder; undefined when it has released it or is gone. */
export function ownerOf(folder: string): ProcessIdentity | undefined | 'replaced' {
  if (existsSync(join(folder, ENDED))) return undefined;
  const owner = processOf(folder);
  if (owner === undefined) return existsSync(folder) ? undefined : 'replaced';
  return liveness(owner) === 'gone' ? undefined : owner;
}

/** The process that made the folder of an attempt, whether it still exists or not; undefined where unknown. */
export function processOf(folder: string): ProcessIdentity | undefined {
  const path = join(folder, OWNER);
  const reading = readRegularFile(path, LARGEST_OWNER);
  if ('content' in reading) return parseIdentity(parseJson(reading.content.toString()));
  if (['missing', 'not-a-file', 'too-large'].includes(reading.problem)) return undefined;
  throw new Failure({ code: 'storage', message: `cannot read ${printable(path)} (${reading.problem})` });
}
