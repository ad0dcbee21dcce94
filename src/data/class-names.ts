import { distance } from 'fastest-levenshtein';

/** Names that differ in more letters are not taken for slips of the keyboard. */
const MAX_SLIPS = 2;

/** The known class that was probably meant, for “did you mean”. */
export function nearestClass(name: string, known: readonly string[]): string | undefined {
  const slips = (candidate: string) => distance(name.toLowerCase(), candidate.toLowerCase());
  return known
    .filter(candidate => slips(candidate) <= MAX_SLIPS)
    .sort((one, other) => slips(one) - slips(other))[0];
}
