/** JSON documents that carry a checksum of themselves, so that a byte that changed is noticed. */
import { encodeNumbers } from '../core/numbers.ts';
import { sha256 } from '../core/sha256.ts';

/** A document's text, indented, with the hash of everything else in it as its last field, `checksum`. */
export function serializeChecked(document: object): string {
  const checksum = sha256(JSON.stringify(document, encodeNumbers));
  return `${JSON.stringify({ ...document, checksum }, encodeNumbers, 2)}\n`;
}

/** Whether a parsed document is what was written; `unknown` where it carries no checksum. */
export function checkDocument(document: object): 'intact' | 'changed' | 'unknown' {
  const { checksum, ...others } = document as { readonly checksum?: unknown };
  if (checksum === undefined) return 'unknown';
  return checksum === sha256(JSON.stringify(others)) ? 'intact' : 'changed';
}
