import type { Problem } from '../core/failure.ts';
import { locate } from './source.ts';

/** A fault in a stage's definition. */
export interface Fault extends Omit<Problem, 'code' | 'location'> {
  /** The place in the definition, such as `['metrics', 'loss', 'direction']`. */
  readonly path: readonly string[];
}

/** A stage's file, to show a fault in. */
export interface StageText {
  /** As shown in messages. */
  readonly name: string;
  readonly text: string;
}

/** A fault as a problem in the stage's file, at the most likely place. */
export function faultProblem({ path, ...fault }: Fault, { name, text }: StageText): Problem {
  const { start, end } = placeOf(path, text);
  return {
    code: 'not-a-stage',
    ...fault,
    location: locate({ source: { name, dir: '', text }, start, end }),
  };
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The place of a field: its name, or the deepest thing around it that is found. The definition is a value whose text may be
 * spread over files, so this is a search, not a parse.
 */
function placeOf(path: readonly string[], text: string): Place {
  const code = withoutComments(text);
  let place = searchIn(code, /\bdefineStage\s*\(|\bexport\s+default\b/, 0) ?? { start: 0, end: 1 };
  let around = code.length;
  for (const name of path) {
    const field = searchIn(code.slice(0, around), fieldPattern(name), place.end);
    if (field === undefined) return place;
    // `params,` is short for a constant of that name.
    const isShort = /^\s*[,}]/.test(code.slice(field.end));
    place = (isShort ? searchIn(code, constantPattern(name), 0) : undefined) ?? field;
    around = endOfValue(code, place.end);
  }
  return place;
}

/** The end of the value that begins at an offset: the comma, semicolon or bracket after it. */
function endOfValue(code: string, from: number): number {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    const character = code.charAt(at);
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && --depth < 0) return at;
    else if (depth === 0 && ',;'.includes(character)) return at;
  }
  return code.length;
}

/** The text with comments as blanks, so that offsets stay the same. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, comment => comment.replace(/\S/g, ' '));

const escaped = (name: string): string => name.replace(/[^\w]/g, '\\$&');

const constantPattern = (name: string): RegExp =>
  new RegExp(`(?<=\\b(const|let|var)\\s+)${escaped(name)}\\b`);

/** A key with or without quotes, a method, or a shorthand name. */
const fieldPattern = (name: string): RegExp =>
  new RegExp(`(?<=[\\s{,])(["']?)(?<!\\w)${escaped(name)}\\1(?=\\s*[:(,}])`);

function searchIn(text: string, pattern: RegExp, from: number): Place | undefined {
  const found = new RegExp(pattern.source, 'g');
  found.lastIndex = from;
  const match = found.exec(text);
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
}
