/** Text of a figure. Its width is estimated: fonts differ between machines. */

const NARROW = /[ijl.,:;'|!()[\] ]/;
const WIDE = /[mwMW@%]/;
const ASCII = /[ -~]/;

/** Pixels, rather too many than too few. */
export function textWidth(text: string, size: number): number {
  const widths = [...text].map(character => {
    if (NARROW.test(character)) return 0.34;
    if (WIDE.test(character)) return 0.95;
    if (!ASCII.test(character)) return 1.05;
    return character >= 'A' && character <= 'Z' ? 0.72 : 0.62;
  });
  return widths.reduce((sum, width) => sum + width, 0) * size;
}

/** The text, or its beginning with an ellipsis, in so many pixels. */
export function fitted(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text.slice(0, Math.ceil(width))];
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size) > width) characters.pop();
  return `${characters.join('')}…`;
}
