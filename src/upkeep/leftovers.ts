import { relative } from 'node:path';
import type { Freed } from './freed.ts';

/**
 * Unfinished or half deleted files of a process that is gone, or a cached hash of data that no experiment has read. Deleted
 * permanently, as it has no use.
 */
export interface Leftover {
  readonly kind: 'leftover';
  /** Its path, relative to the registry. */
  readonly name: string;
  readonly why: 'left' | 'unused';
  readonly bytes: number;
}

export const leftovers = (
  registry: string,
  why: Leftover['why'],
  paths: readonly string[],
  freed: Freed,
): Leftover[] =>
  paths.map(path => ({
    kind: 'leftover',
    name: relative(registry, path),
    why,
    bytes: freed.add(path),
  }));
