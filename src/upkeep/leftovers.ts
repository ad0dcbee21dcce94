import { relative } from 'node:path';
import type { Freed } from './freed.ts';

/**
 * What a process that is gone left unfinished or half deleted, or a remembered hash of data that no experiment has read. It is
 * deleted for good: nobody would want it back.
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
