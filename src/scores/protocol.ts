import type { ScoreReferenceArtifact } from '../core/artifacts.ts';

/** Raised when the same settings give other scores. */
const VERSION = 1;

/** The share of reference pictures that a generator may have been trained on without being told: data sets have twins. */
const FEW = 0.01;

/** Hexadecimal digits of a hash in a protocol. */
const DIGITS = 8;

/** How many of the reference pictures a generator was trained on; undefined where it does not say. */
export type SeenInTraining = number | undefined;

/** True where a score says little of pictures that the generator has not seen. */
export const isSeen = (
  seen: SeenInTraining,
  { reference }: { readonly reference: Pick<ScoreReferenceArtifact['reference'], 'count'> },
): boolean => seen !== undefined && seen > FEW * reference.count;

/**
 * How scores were measured: the embedding, the numbers of pictures, the held-out pictures, the settings. Scores of different
 * protocols are not comparable.
 */
export function protocolOf(
  artifact: Pick<ScoreReferenceArtifact, 'embedding' | 'reference' | 'compared' | 'settings'>,
  { count, seen }: { readonly count: number; readonly seen: SeenInTraining },
): string {
  const { embedding, reference, compared, settings } = artifact;
  return [
    embedding.id,
    `${count}x${compared}`,
    `reference=${reference.sha256.slice(0, DIGITS)}`,
    `k=${settings.neighbours}`,
    `kid=${settings.subsets}x${settings.subsetSize}`,
    `v${VERSION}`,
    ...(isSeen(seen, artifact) ? ['seen-in-training'] : []),
  ].join('/');
}
