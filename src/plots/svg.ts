/** Text of SVG elements. */
import { printable } from '../core/printable.ts';

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element; its children are elements and escaped text. Attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === 'number' ? rounded(value) : escaped(value)}"`],
  );
  const start = `<${name}${given.join('')}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${name}>`;
}

/** An element around text that may be anybody's. */
export const textElement = (name: string, attributes: Attributes, text: string): string =>
  element(name, attributes, [escaped(text)]);

/** Moves elements. */
export const moved = (x: number, y: number, children: readonly string[]): string =>
  element('g', { transform: `translate(${rounded(x)} ${rounded(y)})` }, children);

/** A tenth of a pixel is enough, and hides how exactly a machine computes logarithms. */
export const rounded = (value: number): string => String(Math.round(value * 10) / 10 || 0);

const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as XML: no markup, no character that XML excludes, none that reverses the direction of a line. */
export const escaped = (text: string): string =>
  printable(text)
    .replace(/[\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
    .replace(/[&<>"]/g, character => MARKUP[character] ?? '');
