import { relative } from 'node:path';
import { filesIn } from '../storage/files-below.ts';
import { problemOf, type FileChecker, type Recorded } from './file-checker.ts';
import type { Problem, Report } from './report.ts';

/** Findings of the check of one thing. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly unexpected: string[] = [];
  readonly unfinished: string[] = [];
  readonly withoutHashes: string[] = [];
  #files = 0;
  #bytes = 0;
  readonly #checker: FileChecker;
  readonly #root: string;

  /** @param root The folder to which all paths are relative. */
  constructor(checker: FileChecker, root: string) {
    this.#checker = checker;
    this.#root = root;
  }

  async check(files: readonly Recorded[]): Promise<void> {
    for (const file of files) {
      const found = await this.#checker.check(this.#root, file);
      if (typeof found === 'number') {
        this.#files++;
        this.#bytes += found;
      } else this.problems.push(found);
    }
  }

  /** Notes the files below a folder that are not expected there. */
  noteUnexpected(folder: string, isExpected: (path: string) => boolean): void {
    try {
      for (const path of filesIn(this.#root, folder)) if (!isExpected(path)) this.unexpected.push(path);
    } catch (error) {
      this.problems.push(problemOf(error, relative(this.#root, folder), folder));
    }
  }

  toReport(about: Pick<Report, 'kind' | 'name' | 'status' | 'hint'>): Report {
    const { problems, unexpected, unfinished, withoutHashes } = this;
    const counts = { files: this.#files, bytes: this.#bytes };
    return { ...about, ...counts, problems, unexpected, unfinished, withoutHashes };
  }
}
