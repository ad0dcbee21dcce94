import { relative } from 'node:path';
import type { Freed } from './freed.ts';

/** What a process that is gone left unfinished or half deleted. It is deleted for good: nobody has ever seen it whole. */
export interface Leftover {
  readonly kind: 'leftover';
  /** Its path, relative to the registry. */
  readonly name: string;
  readonly why: 'left';
  readonly bytes: number;
}

export const leftovers = (registry: string, paths: readonly string[], freed: Freed): Leftover[] =>
  paths.map(path => ({
    kind: 'leftover',
    name: relative(registry, path),
    why: 'left',
    bytes: freed.add(path),
  }));
