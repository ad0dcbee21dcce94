/** A text quoted as one word of a shell. A leading `~/` stays unquoted, so that the shell expands it. */
export function shellWord(text: string): string {
  if (/^(~\/)?[\w./+@:,-]+$/.test(text) && !text.startsWith('-')) return text;
  const [, home = '', rest = ''] = /^(~\/)?(.*)$/s.exec(text) ?? [];
  return `${home}'${rest.replaceAll("'", `'\\''`)}'`;
}
