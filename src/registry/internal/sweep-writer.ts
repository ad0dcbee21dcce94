import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { encodeNumbers } from '../../core/numbers.ts';
import { printable } from '../../core/printable.ts';
import { liveness, type ProcessIdentity } from '../../host/process-identity.ts';
import { syncFolder, writeDurably } from '../../storage/atomic.ts';
import { makeFolders } from '../../storage/make-folders.ts';
import { stagingFolder, stagingPath, sweepStaging } from '../../storage/staging.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import type { SweepFiles, SweepWriter } from '../sweeps.ts';
import { Appender } from './appender.ts';
import { Attempt } from './attempt.ts';
import { attemptDir, newestAttempt, ownerOf } from './attempts.ts';
import { tryRename } from './claim.ts';
import { writeGitignore } from './gitignore.ts';
import { highestNumber, reserveName } from './numbers.ts';
import { renewLines } from './renew.ts';
import { DEFINITION, JOURNAL, sweepDir, sweepIds, sweepNumber, sweepsDir, TEXT } from './sweep-paths.ts';
import { takeOver } from './take-over.ts';

/** Creates `sweep-N`. */
export function createSweep(registry: string, { text, definition }: SweepFiles): SweepWriter {
  return onStorage('write', registry, () => {
    makeFolders(sweepsDir(registry));
    sweepStaging(registry);
    if (highestNumber(registry) === 0) writeGitignore(registry);
    const staging = stagingFolder(registry);
    const unfinished = stagingPath(staging);
    try {
      makeFolders(unfinished);
      writeDurably(join(unfinished, TEXT), text);
      writeDurably(join(unfinished, JOURNAL), '');
      Attempt.prepareClaim(unfinished);
      const highest = Math.max(0, ...sweepIds(registry).map(sweepNumber));
      for (let number = highest + 1; ; number++) {
        const id = `sweep-${number}`;
        if (!reserveName(registry, id)) continue;
        rmSync(join(unfinished, DEFINITION), { force: true });
        writeDurably(join(unfinished, DEFINITION), serialize({ id, ...definition }));
        const dir = join(sweepsDir(registry), id);
        if (!tryRename(unfinished, dir)) continue;
        syncFolder(sweepsDir(registry));
        return new Writer(id, dir, new Attempt(dir, 0));
      }
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  });
}

const serialize = (definition: object): string => `${JSON.stringify(definition, encodeNumbers, 2)}\n`;

/** Makes this process the driver of a sweep. */
export function driveSweep(registry: string, id: string, force: boolean): SweepWriter {
  const dir = sweepDir(registry, id);
  return onStorage('write', dir, () => {
    sweepStaging(registry);
    const refuse = (owner: ProcessIdentity) => {
      if (!(force && liveness(owner) === 'unknown')) throw isDriven(id, owner);
    };
    // The first driver's folder is not among those that a takeover looks at.
    const first = ownerOf(attemptDir(dir, 0));
    if (newestAttempt(dir) === 0 && first !== undefined && first !== 'replaced') refuse(first);
    const staging = stagingFolder(registry);
    try {
      const attempt = takeOver(dir, staging, refuse);
      renewLines(join(dir, JOURNAL), attempt.newPath);
      return new Writer(id, dir, attempt);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  });
}

function isDriven(id: string, { pid, host, ...rest }: ProcessIdentity): Failure {
  const isUnseen = liveness({ pid, host, ...rest }) === 'unknown';
  return new Failure({
    code: 'sweep-driven',
    exitCode: 2,
    message: `${id} is driven by process ${pid} on ${printable(host)}`,
    details: isUnseen
      ? ['That process cannot be seen from here: it is of another machine or container.']
      : [],
    hint: isUnseen
      ? `only when you are sure that it is gone: pipe sweep resume ${id} --force`
      : `pipe sweep show ${id} shows its progress`,
  });
}

class Writer implements SweepWriter {
  readonly id: string;
  readonly dir: string;
  readonly #attempt: Attempt;
  readonly #journal: Appender;

  constructor(id: string, dir: string, attempt: Attempt) {
    this.id = id;
    this.dir = dir;
    this.#attempt = attempt;
    this.#journal = new Appender(join(dir, JOURNAL), attempt);
  }

  append(entry: object): void {
    this.#journal.append(`${JSON.stringify(entry, encodeNumbers)}\n`);
    this.#journal.flush(true);
  }

  release(): void {
    this.#attempt.release();
  }
}
