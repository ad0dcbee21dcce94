/**
 * Takeover of a stopped experiment. Each resume has a number, the folder `.resumes/<n>`, made in the staging folder and renamed
 * into place. As with claims, one process wins each number, and the newest owns the experiment. The winner moves the older
 * folders away; a process that then takes a freed old number sees the newer one and gives way.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { currentProcess, type ProcessIdentity } from '../../host/process-identity.ts';
import { Attempt, makeFolderIn } from './attempt.ts';
import { attemptDir, attemptNumbers, attemptsDir, newestAttempt, OWNER, ownerOf } from './attempts.ts';
import { writeDurably } from '../../storage/atomic.ts';
import { tryRename } from './claim.ts';
import { move } from '../../storage/move.ts';
import { stagingPath } from '../../storage/staging.ts';
import { errorCode } from '../../storage/storage-failure.ts';

/** Takes the next number. @param refuse Throws where the current owner keeps the experiment. */
export function takeOver(dir: string, staging: string, refuse: (owner: ProcessIdentity) => void): Attempt {
  const unfinished = stagingPath(staging);
  mkdirSync(unfinished);
  writeDurably(join(unfinished, OWNER), JSON.stringify(currentProcess()));
  for (;;) {
    makeFolderIn(attemptsDir(dir));
    const newest = newestAttempt(dir);
    const owner = newest === 0 ? undefined : ownerOf(attemptDir(dir, newest));
    if (owner === 'replaced') continue;
    if (owner !== undefined) refuse(owner);
    const previous = statSync(join(attemptDir(dir, newest), OWNER), { throwIfNoEntry: false })?.mtimeMs;
    const target = attemptDir(dir, newest + 1);
    if (!tryPlace(unfinished, target)) continue;
    const numbers = attemptNumbers(dir);
    if (numbers.some(number => number > newest + 1)) {
      move(target, unfinished);
      continue;
    }
    const attempt = new Attempt(dir, newest + 1, previous);
    for (const number of numbers) if (number <= newest) attempt.remove(attemptDir(dir, number));
    return attempt;
  }
}

/** False when the number is taken, or a process that just ended has removed the parent folder. */
function tryPlace(unfinished: string, target: string): boolean {
  try {
    return tryRename(unfinished, target);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && existsSync(unfinished)) return false;
    throw error;
  }
}
