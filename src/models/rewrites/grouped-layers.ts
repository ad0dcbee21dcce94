import { sequential } from '../layers/sequential.ts';
import type { Rewrite } from './rewrite.ts';

/** The layers of a group in its place, so that other rewrites match across its ends. */
export const groupedLayers: Rewrite = {
  match: [({ kind }) => kind === sequential],
  apply: ({ branches }) => branches['layers'] ?? [],
};
