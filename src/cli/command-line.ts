/** The command line before it is parsed. Light, since every command loads it. */
import type { Io } from './io.ts';

/** An option's value as the command line has it, before it is parsed; the last one counts. */
export function valueOf(option: string, argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const at = words.findLastIndex(word => word === option || word.startsWith(`${option}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  return word === option ? words[at + 1] : word.slice(option.length + 1);
}

/** True where nothing but JSON may get to stderr: also a mistake of the command line itself. */
export const isJsonLines = (argv: readonly string[]): boolean => valueOf('--progress', argv) === 'jsonl';

/** The observer of events that the command line asks for: none, or lines of JSON on stderr. */
export async function observerFor(argv: readonly string[]): Promise<Pick<Io, 'emit'>> {
  if (!isJsonLines(argv)) return {};
  const { openJsonLines } = await import('../run/display/json-lines.ts');
  return { emit: openJsonLines(process.stderr) };
}
