import type { ParamProblem } from '../../core/stage.ts';
import { isBlockUse, type BlockUse, type Blocks, type WrittenLayer } from './written.ts';

type Path = ParamProblem['path'];

/** What a networks file, or a parameter that holds one, is made of. */
export interface WithBlocks {
  readonly blocks?: Blocks;
  readonly [network: string]: unknown;
}

/**
 * The place in a file of a layer of its networks with blocks in their places: `['generator', 'layers', 2, 'layers', 0]` is
 * `['blocks', 'up', 'layers', 0]` where the third layer is a use of `up`.
 */
export function writtenPath(written: WithBlocks, path: Path): Path {
  let found: Path = [];
  let value: unknown = written;
  for (const part of path) {
    const block = isUse(value) ? value.block : undefined;
    if (block !== undefined) {
      found = ['blocks', block];
      value = written.blocks?.[block];
    }
    found = [...found, part];
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return found;
}

const isUse = (value: unknown): value is BlockUse =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && isBlockUse(value as WrittenLayer);
