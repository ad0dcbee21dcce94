/** JSON documents with a checksum, so that a changed byte is noticed. */
import { encodeNumbers } from '../core/numbers.ts';
import { sha256 } from '../core/sha256.ts';

/** A document's indented JSON, with the hash of all other fields as the last one, `checksum`. */
export function serializeChecked(document: object): string {
  const checksum = sha256(JSON.stringify(document, encodeNumbers));
  return `${JSON.stringify({ ...document, checksum }, encodeNumbers, 2)}\n`;
}

/** Checks a parsed document against its checksum; `unknown` where it has none. */
export function checkDocument(document: object): 'intact' | 'changed' | 'unknown' {
  const { checksum, ...others } = document as { readonly checksum?: unknown };
  if (checksum === undefined) return 'unknown';
  return checksum === sha256(JSON.stringify(others)) ? 'intact' : 'changed';
}
