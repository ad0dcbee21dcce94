import type { ShownStatus } from '../core/experiment.ts';

/** A recorded thing that is missing or has changed. */
export interface Problem {
  readonly kind: 'missing' | 'changed' | 'unreadable';
  /** Relative to the checked thing, with forward slashes. */
  readonly path: string;
  /** The difference from the record, as a clause that follows the path. */
  readonly words: string;
}

/** The result for one experiment, cache entry or tag. It is damaged when it has problems. */
export interface Report {
  readonly kind: 'experiment' | 'cache' | 'tag';
  /** `exp-3`, a fingerprint, or a tag. */
  readonly name: string;
  /** Status of an experiment with a readable record. */
  readonly status: ShownStatus | null;
  /** Number of intact files, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
  /** Files in an output folder or in `artifacts/` that no record names. */
  readonly unexpected: readonly string[];
  /** Stages that have not ended, and files still being written, which cannot be checked. */
  readonly unfinished: readonly string[];
  /** Stages and files recorded without hashes. */
  readonly withoutHashes: readonly string[];
  /** The command that repairs it; null when nothing needs repair. */
  readonly hint: string | null;
}

/** Totals of all checks. */
export interface Totals {
  readonly experiments: number;
  readonly entries: number;
  readonly tags: number;
  readonly files: number;
  /** Bytes read: a file with several hard links counts once. */
  readonly bytesRead: number;
  readonly damaged: number;
}
