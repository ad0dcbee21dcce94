/** Queries of the unparsed command line. Light, since every command loads it. */
import type { Io } from './io.ts';

/** An option's value, before parsing; the last one counts. */
export function valueOf(option: string, argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const at = words.findLastIndex(word => word === option || word.startsWith(`${option}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  return word === option ? words[at + 1] : word.slice(option.length + 1);
}

/** True if only JSON may be written to stderr, even for mistakes of the command line. */
export const isJsonLines = (argv: readonly string[]): boolean => valueOf('--progress', argv) === 'jsonl';

/** The observer that the command line selects: none, or lines of JSON on stderr. */
export async function observerFor(argv: readonly string[]): Promise<Pick<Io, 'emit'>> {
  if (!isJsonLines(argv)) return {};
  const { openJsonLines } = await import('../run/display/json-lines.ts');
  return { emit: openJsonLines(process.stderr) };
}
