/** A text as a shell takes it for one word. A leading `~/` stays outside of quotes, as it means something. */
export function shellWord(text: string): string {
  if (/^(~\/)?[\w./+@:,-]+$/.test(text) && !text.startsWith('-')) return text;
  const [, home = '', rest = ''] = /^(~\/)?(.*)$/s.exec(text) ?? [];
  return `${home}'${rest.replaceAll("'", `'\\''`)}'`;
}
