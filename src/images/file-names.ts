/** A name as a part of a file name: letters, digits, `.`, `_` and `-`, at most 60 characters. */
function fileStem(name: string): string {
  const stem = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+/, '');
  return [...stem].slice(0, 60).join('');
}

/** File names without extension for names by users: safe on any file system, and distinct. */
export function fileStems(names: readonly string[]): readonly string[] {
  const stems = names.map(fileStem);
  const distinct = new Set(stems.map(stem => stem.toLowerCase()));
  const usable = distinct.size === names.length && !distinct.has('');
  return usable ? stems : stems.map((stem, index) => [index, ...(stem && [stem])].join('-'));
}
