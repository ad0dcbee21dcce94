import { fillRectangle, ink, type Canvas, type Color } from './canvas.ts';
import { glyphHeight, glyphRuns, glyphWidth } from './font-6x13.ts';

/** Height of a line of text with its spacing, in pixels. */
export const lineHeight = glyphHeight + 4;

const replacementCharacter = 0xfffd;

let glyphs: ReadonlyMap<number, Uint8Array> | undefined;

function decodeGlyphs(): ReadonlyMap<number, Uint8Array> {
  const decoded = new Map<number, Uint8Array>();
  for (const [first, base64] of glyphRuns) {
    const bytes = Buffer.from(base64, 'base64');
    for (let index = 0; index * glyphHeight < bytes.length; index++)
      decoded.set(first + index, bytes.subarray(index * glyphHeight, (index + 1) * glyphHeight));
  }
  return decoded;
}

/** The rows of a character's glyph; the replacement character's where the font has none. */
function glyphOf(character: string): Uint8Array {
  glyphs ??= decodeGlyphs();
  return (glyphs.get(character.codePointAt(0) as number) ?? glyphs.get(replacementCharacter)) as Uint8Array;
}

/** Characters of a text in the font's form: accents composed with their letters. */
const charactersOf = (text: string): readonly string[] => [...text.normalize('NFC')];

/** Width in pixels of a line of text. */
export function textWidth(text: string): number {
  return charactersOf(text).length * glyphWidth;
}

/** The text, or its beginning with `…` if it is wider than `width` pixels. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const kept = Math.max(0, Math.floor(width / glyphWidth) - 1);
  return `${charactersOf(text).slice(0, kept).join('').trimEnd()}…`;
}

export interface TextStyle {
  readonly color?: Color;
  /** Every pixel of the font becomes a square of `scale` × `scale`. */
  readonly scale?: number;
  /** True for text that runs upwards, whose top left corner is at the bottom. */
  readonly turned?: boolean;
}

/** Draws a line of text with its top left corner at `x`, `y`, clipped to the canvas. */
export function drawText(
  canvas: Canvas,
  text: string,
  x: number,
  y: number,
  { color = ink, scale = 1, turned = false }: TextStyle = {},
): void {
  const dot = (along: number, down: number) => {
    const [left, top] = turned ? [down, -along - scale] : [along, down];
    fillRectangle(canvas, { x: x + left, y: y + top, width: scale, height: scale }, color);
  };
  for (const [index, character] of charactersOf(text).entries()) {
    const rows = glyphOf(character);
    for (let line = 0; line < glyphHeight; line++)
      for (let column = 0; column < glyphWidth; column++)
        if (((rows[line] as number) << column) & 0x80)
          dot((index * glyphWidth + column) * scale, line * scale);
  }
}
