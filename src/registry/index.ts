/** Experiments on disk. Everything else of this folder is internal to it. */
export { openRegistry } from './internal/registry.ts';
export type * from './types.ts';
