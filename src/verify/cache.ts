import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ENTRY, readEntry } from '../cache/entry.ts';
import { cacheDir } from '../registry/index.ts';
import type { FileChecker } from './file-checker.ts';
import { Findings } from './findings.ts';
import type { Report } from './report.ts';

/** Compares the content of an entry's files with their hashes. Undefined when it was replaced meanwhile. */
export async function verifyEntry(
  registry: string,
  fingerprint: string,
  checker: FileChecker,
): Promise<Report | undefined> {
  const dir = join(cacheDir(registry), fingerprint);
  const before = inodeOf(dir);
  const findings = new Findings(checker, dir);
  const { problems } = findings;
  const entry = readEntry(join(dir, ENTRY));
  if (entry === undefined) problems.push({ kind: 'missing', path: ENTRY, words: '' });
  else if (entry === 'damaged' || entry.fingerprint !== fingerprint)
    problems.push({ kind: 'changed', path: ENTRY, words: 'its content is not what was recorded' });
  else {
    await findings.check(entry.files);
    const recorded = new Set([ENTRY, ...entry.files.map(({ path }) => path)]);
    findings.noteUnexpected(dir, path => recorded.has(path));
  }
  // Entries are renamed into place: another inode is a different, new entry.
  if (problems.length > 0 && inodeOf(dir) !== before) return undefined;
  const hint = problems.length === 0 ? null : `rm -r ${dir}: the next run makes it again`;
  return findings.toReport({ kind: 'cache', name: fingerprint, status: null, hint });
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;
