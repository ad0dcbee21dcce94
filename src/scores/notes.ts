import { sha256 } from '../core/sha256.ts';
import { imageAt, type ImageBatch } from '../images/pixels.ts';
import { grouped } from '../data/report.ts';

/** Shares of pictures that differ, below which a generator has collapsed. */
const FEW_DIFFERENT = 0.5;

/** A sentence on a generator that draws the same pictures again and again. */
export function collapseNotes(pictures: ImageBatch): readonly string[] {
  const { count } = pictures;
  const different = new Set<string>();
  for (let index = 0; index < count; index++) different.add(sha256(imageAt(pictures, index)));
  if (different.size >= FEW_DIFFERENT * count) return [];
  const words = different.size === 1 ? 'all of them alike' : `${grouped(different.size)} different ones`;
  return [`the generator has collapsed: of ${grouped(count)} pictures ${words}`];
}
