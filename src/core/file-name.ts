/** A file's name for display: bytes that are not UTF-8 are escaped, such as `caf\xE9`. */
export function shownName(name: Buffer): string {
  if (isText(name)) return name.toString();
  let shown = '';
  for (let at = 0; at < name.length;) {
    const length = [1, 2, 3, 4].find(size => isText(name.subarray(at, at + size))) ?? 0;
    shown += length === 0 ? escaped(name[at] ?? 0) : name.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return shown;
}

const isText = (bytes: Buffer): boolean => Buffer.from(bytes.toString()).equals(bytes);

const escaped = (byte: number): string => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;

const SLASH = Buffer.from('/');

/** The path of a name in a folder, in bytes. */
export const joinedPath = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, SLASH, name]);
