/** A command line up to the cursor: whole words, and the one that is being typed. */
export interface Line {
  readonly words: readonly string[];
  readonly current: string;
}

const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?)+/gs;

/** Splits a line like a shell, without expansions; a quote may be open. */
export function readLine(text: string): Line {
  const words = (text.match(WORD) ?? []).map(word =>
    word.replace(/\\(.)|["']/gs, (_, escaped: string | undefined) => escaped ?? ''),
  );
  const isBetween = /(^|\s)$/.test(text);
  return {
    words: words.slice(1, isBetween ? undefined : -1),
    current: isBetween ? '' : (words.at(-1) ?? ''),
  };
}
