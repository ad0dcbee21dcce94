import type { LayerSpec } from '../../core/artifacts.ts';

/** A layer as written: one of a kind, or a block in its place. */
export type WrittenLayer = LayerSpec | BlockUse;

/** A block in the place of a layer: `{ block: up, filters: 128 }`. */
export interface BlockUse {
  readonly block: string;
  readonly [parameter: string]: unknown;
}

/** Named layers that stand in for a layer anywhere. */
export interface Block {
  /** Default by parameter; null where a use must give the value. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** In them a parameter's name stands for its value. */
  readonly layers: readonly WrittenLayer[];
}

export type Blocks = Readonly<Record<string, Block>>;

/** A network as written, blocks in it. */
export interface WrittenNetwork {
  readonly layers: readonly WrittenLayer[];
}

export const isBlockUse = (layer: WrittenLayer): layer is BlockUse => 'block' in layer;
