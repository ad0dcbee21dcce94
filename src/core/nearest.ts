import { closest, distance } from 'fastest-levenshtein';

const LONGEST_NAME = 64;

/** The known name that a mistyped one most likely means. Pass names of one kind: a suggestion of another kind is useless. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const candidates = [...known].filter(candidate => candidate !== name);
  if (candidates.length === 0) return undefined;
  const same = (form: (text: string) => string) =>
    candidates.find(candidate => form(candidate) === form(name));
  const alike = same(text => text.toLowerCase()) ?? same(sortedLetters);
  if (alike !== undefined) return alike;
  const best = closest(name, candidates);
  return distance(name, best) <= mostEdits(name.length) ? best : undefined;
}

const sortedLetters = (text: string): string => [...text.toLowerCase()].sort().join('');

/** One edit per three letters; transpositions are found before. A single letter has no near name. */
function mostEdits(length: number): number {
  return length < 2 ? 0 : Math.max(1, Math.floor(length / 3));
}

/** `did you mean "epochs"?`, where a known name is near. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const meant = nearest(name, known);
  return meant === undefined ? undefined : `did you mean "${meant}"?`;
}
