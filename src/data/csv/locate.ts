/** A place in a text; both count from 0. */
interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * The place where a field of CSV begins. It is looked for only where something is wrong: a parser of rows keeps no places.
 * @param text Whole rows with `\n` at their ends.
 * @param row Counted from 0, empty rows included.
 * @param field Counted from 0; beyond the last one, the end of the row.
 */
export function locateField(text: string, delimiter: string, row: number, field: number): TextPlace {
  let rest = row;
  let at = 0;
  while (rest > 0) {
    at = endOfField(text, delimiter, at);
    if (text[at] !== delimiter) rest--;
    at++;
  }
  for (let left = field; left > 0; left--) {
    const end = endOfField(text, delimiter, at);
    at = text[end] === delimiter ? end + 1 : end;
  }
  return placeOf(text, at);
}

/** The place of a character. */
export function placeOf(text: string, index: number): TextPlace {
  const before = text.slice(0, index);
  return { line: countLines(before), column: index - (before.lastIndexOf('\n') + 1) };
}

/** The number of line ends. */
export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** The index of the delimiter or line end behind the field that begins at `start`, or the text's end. */
function endOfField(text: string, delimiter: string, start: number): number {
  let at = start;
  if (text[at] === '"') {
    // A doubled quote stands for one in the field.
    do at = after(text, '"', at + 1);
    while (text[at] === '"');
  }
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++;
  return at;
}

const after = (text: string, mark: string, from: number): number => {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + 1;
};
