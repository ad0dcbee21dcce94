import type { ShownStatus } from '../core/experiment.ts';

/** Something recorded that is not there, or not what it was. */
export interface Problem {
  readonly kind: 'missing' | 'changed' | 'unreadable';
  /** Relative to what was checked, with forward slashes. */
  readonly path: string;
  /** What was recorded and what is there instead, as a clause that follows the path. */
  readonly words: string;
}

/** What one experiment, one entry of the cache or one tag is like. It is damaged when it has problems. */
export interface Report {
  readonly kind: 'experiment' | 'cache' | 'tag';
  /** `exp-3`, a fingerprint, or a tag. */
  readonly name: string;
  /** Of an experiment whose record can be read. */
  readonly status: ShownStatus | null;
  /** Files that are as they were recorded, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
  /** Files in an output folder or in `artifacts/` that no record names. */
  readonly unexpected: readonly string[];
  /** Stages that have not ended, and files that are still being written: nothing is known of them. */
  readonly unfinished: readonly string[];
  /** Stages and files that were recorded before there were hashes. */
  readonly withoutHashes: readonly string[];
  /** The command that mends it; null when nothing is to mend. */
  readonly hint: string | null;
}

/** Everything that was checked together. */
export interface Totals {
  readonly experiments: number;
  readonly entries: number;
  readonly tags: number;
  readonly files: number;
  /** Bytes that were read: a file of several names, by hard links, once. */
  readonly bytesRead: number;
  readonly damaged: number;
}
